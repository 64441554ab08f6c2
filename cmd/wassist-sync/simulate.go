package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

type simulateFlags struct {
	addr, state, profile, rate, dropLists, retryAfter string
	pageMax                                           int
	putResets, trimText                               bool
}

func newSimulate(c console) *cobra.Command {
	var flags simulateFlags
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Serve a local Wassist API to try things on",
		Long: `Serves a local, stateful imitation of the Wassist API until it is interrupted, and
prints what to export so that other commands use it. It starts with two numbers,
a sandbox number, a WhatsApp account and a connector, and accepts any key.

The state file holds what an API would hold, secrets in clear; its mode is 0600.`,
		Example: `  wassist-sync simulate --addr 127.0.0.1:8787 --state simulator.json`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runSimulate(cmd.Context(), c, &flags)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.addr, "addr", "127.0.0.1:8787", "where to listen")
	f.StringVar(&flags.state, "state", "", "keep the state in `FILE` (default: in memory)")
	f.StringVar(&flags.profile, "profile", simulator.ProfileCurrent, "which API: current, or documented (what the API introduction alone describes)")
	f.StringVar(&flags.rate, "rate", "100/1m", "the request limit of each key, as `N/DURATION`")
	f.StringVar(&flags.dropLists, "drop-lists", "none", "methods that silently ignore nested lists: none, patch, put or both")
	f.StringVar(&flags.retryAfter, "retry-after", simulator.RetryAfterHeader, "how a 429 says when to come back: header, date, body, both or none")
	f.IntVar(&flags.pageMax, "page-max", 100, "the largest page of agents that a request can get")
	f.BoolVar(&flags.putResets, "put-resets", false, "a PUT resets the fields that it leaves out")
	f.BoolVar(&flags.trimText, "trim-text", false, "texts lose surrounding white space when they are saved")
	return cmd
}

func (f *simulateFlags) server() (*simulator.Server, error) {
	rate, err := sync.ParseRate(f.rate)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	o := simulator.Options{
		Profile: f.profile, StateFile: f.state, RateLimit: rate.Limit, RateWindow: rate.Window,
		RetryAfter: f.retryAfter, PageMax: f.pageMax, PutResets: f.putResets, TrimText: f.trimText,
	}
	switch f.dropLists {
	case "none":
	case "patch":
		o.DropListsOnPatch = true
	case "put":
		o.DropListsOnPut = true
	case "both":
		o.DropListsOnPatch, o.DropListsOnPut = true, true
	default:
		return nil, usage("--drop-lists %q is not known; use none, patch, put or both", f.dropLists)
	}
	if err := stateFolder(f.state); err != nil {
		return nil, usage("--state: %w", err)
	}
	server, err := simulator.New(o) // fails on what the flags say, only
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	return server, nil
}

// stateFolder wants the folder of a state file to be there: the file is only
// written with the first change.
func stateFolder(file string) error {
	if file == "" {
		return nil
	}
	dir := filepath.Dir(file)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("there is no folder %q to keep %s in", dir, filepath.Base(file))
	}
	return nil
}

// checkAddress tells a slip in a flag's address from a port that is taken.
func checkAddress(ctx context.Context, flag, addr, example string) error {
	_, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = net.DefaultResolver.LookupPort(ctx, "tcp", port)
	}
	if err != nil {
		return usage("%s %q is not HOST:PORT such as %s", flag, addr, example)
	}
	return nil
}

func runSimulate(ctx context.Context, c console, flags *simulateFlags) error {
	if err := checkAddress(ctx, "--addr", flags.addr, "127.0.0.1:8787"); err != nil {
		return err
	}
	handler, err := flags.server()
	if err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", flags.addr)
	if err != nil {
		return fmt.Errorf("--addr %s: %w; choose another port, or 0 for any", flags.addr, err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if err := server.Shutdown(end); err != nil {
			_ = server.Close()
		}
	})
	fmt.Fprintf(c.out, "export WASSIST_API_URL=http://%s/api/v1/\nexport WASSIST_API_KEY=simulator\n", listener.Addr())
	fmt.Fprintln(c.notes(), "Serving a simulated Wassist API; stop it with Ctrl-C.")
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
