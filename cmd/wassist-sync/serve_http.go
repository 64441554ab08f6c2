package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"wassist-sync/internal/serve"
)

// The variables that hold the secrets of the HTTP side. Like every secret, they are
// no flag's value, which every user of the machine could see.
const (
	hookSecretVariable = "WASSIST_SYNC_HOOK_SECRET" //nolint:gosec // a name, not a secret
	runTokenVariable   = "WASSIST_SYNC_RUN_TOKEN"   //nolint:gosec // a name, not a secret
)

// listenOff is the value of --listen with which nothing is answered.
const listenOff = "off"

// httpFlags say what serve answers over HTTP.
type httpFlags struct {
	listen, hookSecretFile, runTokenFile string
	check                                bool
}

func (h *httpFlags) add(f *pflag.FlagSet) {
	f.StringVar(&h.listen, "listen", serve.DefaultListen, "where the page, the metrics, the health checks and the hooks are, as `HOST:PORT`; off: nowhere")
	f.StringVar(&h.hookSecretFile, "hook-secret-file", "", "a file that holds the secret of GitHub's webhook (else "+hookSecretVariable+"; without one there is no /hooks/github)")
	f.StringVar(&h.runTokenFile, "run-token-file", "", "a file that holds the token for starting runs on the page (else "+runTokenVariable+"; without one there is no button)")
	f.BoolVar(&h.check, "check", false, "ask the serve that runs at --listen whether it is ready: exit 0, or 1 and a line why not")
}

// options are what the flags and the variables say.
func (h *httpFlags) options(c console) (serve.HTTPOptions, error) {
	o := serve.HTTPOptions{Version: version()}
	var err error
	if o.HookSecret, err = secret(c, hookSecretVariable, "hook-secret-file", h.hookSecretFile); err != nil {
		return o, err
	}
	o.RunToken, err = secret(c, runTokenVariable, "run-token-file", h.runTokenFile)
	return o, err
}

// secret reads a secret from its file, else from its variable.
func secret(c console, variable, flag, file string) (string, error) {
	if file == "" {
		value, _ := c.lookupEnv(variable)
		return strings.TrimSpace(value), nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", usage("--%s: %v", flag, err)
	}
	value := strings.TrimSpace(string(b))
	if value == "" {
		return "", usage("--%s: %s is empty", flag, file)
	}
	return value, nil
}

// start begins to answer, and gives what ends it: answers under way are finished
// first. Nothing is done with --listen off.
func (h *httpFlags) start(ctx context.Context, c console, watched serve.Watched, metrics *serve.Metrics, log *slog.Logger) (stop func(), err error) {
	if h.listen == listenOff {
		return func() {}, nil
	}
	if err := checkAddress(ctx, "--listen", h.listen, serve.DefaultListen); err != nil {
		return nil, err
	}
	options, err := h.options(c)
	if err != nil {
		return nil, err
	}
	options.Metrics, options.Log = metrics, log
	server, err := serve.NewServer(watched, options)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	listener, err := serve.Listen(ctx, h.listen)
	if err != nil {
		return nil, err
	}
	log.Info("listening", "address", fmt.Sprintf("http://%s/", listener.Addr()), "hooks", options.HookSecret != "", "runsByHand", options.RunToken != "")
	// The end of ctx is the end of the runs: until they have ended, it is answered.
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := serve.ServeHTTP(serving, listener, server); err != nil {
			log.Error("the page, the metrics and the hooks are gone; the runs go on", "error", err.Error())
		}
	}()
	return func() { cancel(); <-ended }, nil
}

// runServeCheck asks a serve that runs whether it is ready: 0, or 1 and a line that
// says why not. It is the health check of a container.
func runServeCheck(ctx context.Context, c console, listen string) error {
	if listen == listenOff {
		return errors.New("with --listen off nothing answers, so there is nothing to ask; give serve and --check the same --listen or WASSIST_SYNC_LISTEN")
	}
	if err := serve.Check(ctx, listen); err != nil {
		return err
	}
	_, err := fmt.Fprintln(c.out, "ready")
	return err
}
