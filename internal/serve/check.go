package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// checkTime is how long Check waits: less than what a container's health check is
// given as a rule.
const checkTime = 4 * time.Second

// Check asks a serve that runs at the address whether it is ready. The error says
// in a line why it is not.
func Check(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%q is not HOST:PORT such as %s", addr, DefaultListen)
	}
	switch ip := net.ParseIP(host); { // what listens everywhere listens here
	case host == "", ip.Equal(net.IPv4zero):
		host = "127.0.0.1"
	case ip.Equal(net.IPv6unspecified):
		host = "::1"
	}
	at := net.JoinHostPort(host, port)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+at+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("%q is not HOST:PORT such as %s", addr, DefaultListen)
	}
	// No proxy: what is asked is this machine, or one that was named.
	transport := &http.Transport{DisableKeepAlives: true}
	client := http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s did not answer within %s", at, checkTime)
	}
	if err != nil {
		return fmt.Errorf("%s cannot be reached: %w; does serve run, and with this --listen?", at, errors.Unwrap(err))
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	if err != nil {
		return fmt.Errorf("%s did not answer to the end: %w", at, err)
	}
	said := plain(strings.ReplaceAll(strings.TrimSpace(string(body)), "\n", "; "))
	switch response.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusServiceUnavailable:
		return errors.New(clip(said, 1000))
	}
	return fmt.Errorf("%s answered %s to /readyz: it is not a serve of wassist-sync", at, response.Status)
}
