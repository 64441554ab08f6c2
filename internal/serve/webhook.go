package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Webhook gives the function that posts notices to an address. The address is a
// secret, as those of chats are: no error holds any of it.
func Webhook(address string, transport http.RoundTripper) (func(ctx context.Context, n *Notice) error, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return nil, errors.New("the address for notices (WASSIST_SYNC_NOTIFY_URL, --notify-url-file) is no http or https URL; write one such as https://hooks.slack.com/services/…")
	}
	client := &http.Client{Transport: transport, Timeout: sendTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return func(ctx context.Context, n *Notice) error {
		body, err := json.Marshal(n)
		if err != nil {
			return err
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
		if err != nil {
			return errors.New("the address for notices cannot be used")
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("User-Agent", "wassist-sync")
		response, err := client.Do(request)
		if err != nil { // its text holds the address
			return errNoDelivery
		}
		defer response.Body.Close()
		_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)) // so that the connection can be used again
		if response.StatusCode >= 300 {
			return &statusError{response.StatusCode}
		}
		return nil
	}, nil
}

var errNoDelivery = errors.New("there is no connection to the address, or no answer in time")

// statusError is an answer that is no success.
type statusError struct{ code int }

func (e *statusError) Error() string {
	return fmt.Sprintf("the address answers %d %s", e.code, http.StatusText(e.code))
}

// final tells errors that trying again does not mend.
func final(err error) bool {
	var status *statusError
	return errors.As(err, &status) && status.code < 500 && status.code != http.StatusTooManyRequests && status.code != http.StatusRequestTimeout
}

// idle closes connections that were not used for a while: notices are rare.
const idle = 30 * time.Second

// WebhookTransport is net/http's own, with nothing kept open for long.
func WebhookTransport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok { // the program has put its own transport there
		return http.DefaultTransport
	}
	t = t.Clone()
	t.IdleConnTimeout = idle
	return t
}
