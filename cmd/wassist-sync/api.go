package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"wassist-sync/internal/remote"
	"wassist-sync/internal/report"
	"wassist-sync/wassist"
)

// apiFlags are the flags of api.
type apiFlags struct {
	target   targetFlags
	input    string
	paginate bool
}

func newAPI(c console) *cobra.Command {
	var flags apiFlags
	cmd := &cobra.Command{
		Use:   "api METHOD PATH",
		Short: "Make any request to the API",
		Long: `Sends one request to the Wassist API, under the same key, limit and error
handling as everything else here, and writes the answer's body to stdout as it
came. PATH is below the API's address, such as agents/ or agents/?limit=5; it
names no host, so the key goes nowhere else.

A GET is repeated after a fault of the server or the network; every other method
is sent once. An answer that is not 2xx goes to stdout too, what it means to
stderr, and the exit code is 1.`,
		Example: `  wassist-sync api GET agents/ --paginate --simulate
  WASSIST_API_KEY=… wassist-sync api GET phone-numbers/
  WASSIST_API_KEY=… wassist-sync api POST simulations/ --input simulation.json
  echo '{"name": "Order desk"}' | wassist-sync api POST agents/ --input - --simulate=/tmp/simulator.json`,
		ValidArgsFunction: completeAPI,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage("api needs a METHOD and a PATH, such as: wassist-sync api GET agents/")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runAPI(cmd.Context(), c, &flags, strings.ToUpper(args[0]), args[1])
		},
	}
	flags.target.add(cmd.Flags())
	cmd.Flags().StringVar(&flags.input, "input", "", "send the JSON in this `FILE`; - is stdin")
	cmd.Flags().BoolVar(&flags.paginate, "paginate", false, "GET all pages of a list, and write their entries as one array")
	return cmd
}

func runAPI(ctx context.Context, c console, flags *apiFlags, method, path string) error {
	if flags.paginate && method != http.MethodGet {
		return usage("--paginate goes with GET only: %s has no pages", method)
	}
	if err := flags.target.check(c); err != nil {
		return err
	}
	body, secrets, err := flags.body(c, method)
	if err != nil {
		return err
	}
	var options []wassist.Option
	if method != http.MethodGet && method != http.MethodHead {
		// Nobody here knows what doing it twice would do.
		options = append(options, wassist.WithMaxAttempts(1))
	}
	target, err := flags.target.open(c, newProgress(c, &outputFlags{}).request, options...)
	if err != nil {
		return err
	}
	target.client.AddSecrets(secrets...)
	var answer *wassist.Response
	var callErr error
	if flags.paginate {
		var entries []wassist.Raw
		entries, answer, callErr = target.client.DoAll(ctx, path)
		if callErr == nil {
			answer.Body = array(entries)
		}
	} else {
		answer, callErr = target.client.Do(ctx, method, path, body)
	}
	if answer != nil {
		if err := flags.write(c, answer.Body); err != nil {
			return errors.Join(callErr, err)
		}
	}
	return apiError(callErr, flags.paginate)
}

// body reads what is to be sent, and finds the secrets in it. Everything that
// the API takes is JSON: what is none is not sent.
func (f *apiFlags) body(c console, method string) (body []byte, secrets []string, err error) {
	switch {
	case f.input == "":
		return nil, nil, nil
	case method == http.MethodGet || method == http.MethodHead:
		return nil, nil, usage("--input makes no sense with %s, which sends nothing; filters go into the path, as in agents/?limit=5", method)
	case f.input == "-":
		body, err = io.ReadAll(c.in)
	default:
		body, err = os.ReadFile(f.input)
	}
	if err != nil {
		return nil, nil, usage("--input %s: %v", f.input, bare(err))
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return nil, nil, usage("--input %s is not JSON: %v", f.input, err)
	}
	return body, remote.SecretsIn(value), nil
}

// array joins entries, each on a line of its own.
func array(entries []wassist.Raw) []byte {
	var b bytes.Buffer
	b.WriteString("[")
	for i, entry := range entries {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n")
		b.WriteString(string(entry))
	}
	if len(entries) > 0 {
		b.WriteString("\n")
	}
	b.WriteString("]\n")
	return b.Bytes()
}

// shortestKey is how long a key is at least, in bytes: a shorter text stands in
// answers by chance, as the keys of tests do.
const shortestKey = 8

// write writes a body as it came, but for the key, should the server repeat it. On
// a terminal what could steer it is shown, and the last line ends.
func (f *apiFlags) write(c console, body []byte) error {
	if f.target.simulate == "" {
		key, err := f.target.key(c)
		if err != nil {
			return err
		}
		for _, form := range []string{key, url.QueryEscape(key)} {
			if len(form) >= shortestKey {
				body = bytes.ReplaceAll(body, []byte(form), []byte("(sensitive)"))
			}
		}
	}
	if isTerminal(c.out) {
		text := report.Visible(string(body))
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		body = []byte(text)
	}
	_, err := c.out.Write(body)
	return err
}

// apiError gives a failed call its exit code, and says what to do where that is known.
func apiError(err error, paginate bool) error {
	var call *wassist.Error
	switch {
	case errors.Is(err, wassist.ErrInvalidCall) && errors.As(err, &call):
		return usage("%s", call.Message)
	case wassist.OutcomeUnknown(err):
		return fmt.Errorf("%w; it may have taken effect all the same: look before you send it again", err)
	case paginate && errors.Is(err, wassist.ErrBadAnswer):
		return fmt.Errorf("%w; what is no list is read without --paginate", err)
	}
	return err
}
