// Command fakegithub serves the GitHub of package githubtest as a process of its
// own, for scripts that run the action from outside. It prints its address.
//
// The state file, if there is one, is read at the start and written after each
// request. Below /_fake/ the state is changed: GET or POST state; POST
// push?branch=B with the output of git log --format='%H %P'; POST
// pull?number=N&base=B&head=SHA; POST merge?number=N with the merged commits;
// POST comment?number=N&login=L&type=T with a text; POST run with a run; POST
// deny with permissions, one a line; POST fault with a fault; POST heal; GET
// requests.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"wassist-sync/internal/github/githubtest"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "the address to serve on")
	file := flag.String("state", "", "the file of the state, as JSON")
	flag.Parse()
	if err := serve(*listen, *file); err != nil {
		fmt.Fprintln(os.Stderr, "fakegithub:", err)
		os.Exit(1)
	}
}

func serve(listen, file string) error {
	var state githubtest.State
	text, err := os.ReadFile(file)
	switch {
	case file == "" || errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		if err := json.Unmarshal(text, &state); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	server := githubtest.New(state)
	if file != "" {
		server.Changed = func(s *githubtest.State) {
			if err := save(file, s); err != nil {
				fmt.Fprintln(os.Stderr, "fakegithub:", err)
			}
		}
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", listen)
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	web := &http.Server{Handler: server, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = web.Close() })
	if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// save replaces the file in one step: somebody may be reading it.
func save(file string, s *githubtest.State) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
