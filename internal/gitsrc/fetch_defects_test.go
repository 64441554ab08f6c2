package gitsrc

import (
	"context"
	"errors"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/client"
)

// broken is a transport that meets a defect.
type broken struct{ transport.Transport }

func (broken) NewUploadPackSession(*transport.Endpoint, transport.AuthMethod) (transport.UploadPackSession, error) {
	panic("ghs_Canary")
}

// TestFetchThatPanics: a defect that a remote's answer shows in the library is an
// error. It is met in a goroutine of its own, where nobody above could recover it.
func TestFetchThatPanics(t *testing.T) {
	root, _ := source(t)
	s := serve(t, root)
	ctx := context.Background()
	r, err := Fetch(ctx, s.remote("repo.git"), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, r)
	usual := client.Protocols["https"]
	client.InstallProtocol("https", broken{})
	err = r.Refresh(ctx)
	client.InstallProtocol("https", usual)
	if err == nil || !strings.Contains(err.Error(), "cannot be read (string)") || strings.Contains(err.Error(), "Canary") {
		t.Errorf("the error is %v", err)
	}
	if err := r.Refresh(ctx); err != nil {
		t.Errorf("when it is over: %v", err)
	}
	if _, err := r.Resolve("main"); err != nil {
		t.Error(err)
	}
}

// TestSilentSSH: an ssh server that accepts a connection and says nothing holds
// neither the fetch nor the clone's lock beyond the end that the fetch was given.
func TestSilentSSH(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, listener)
	held := make(chan net.Conn, 1)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				close(held)
				return
			}
			held <- c
		}
	}()
	key := filepath.Join(t.TempDir(), "key")
	if out, err := exec.CommandContext(t.Context(), "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key).CombinedOutput(); err != nil {
		t.Skipf("no ssh-keygen: %v %s", err, out)
	}
	known := filepath.Join(t.TempDir(), "known")
	write(t, filepath.Dir(known), files{"known": ""})
	cache := t.TempDir()
	remote := Remote{URL: "ssh://git@" + listener.Addr().String() + "/repo.git", KeyFile: key, KnownHosts: []string{known}}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := Fetch(ctx, remote, cache); err == nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
	c := <-held
	defer shut(t, c)
	locks, err := filepath.Glob(filepath.Join(cache, "*.lock"))
	if err != nil || len(locks) != 1 {
		t.Fatalf("locks %v, %v", locks, err)
	}
	soon, over := context.WithTimeout(t.Context(), 5*time.Second)
	defer over()
	unlock, err := lock(soon, locks[0])
	if err != nil {
		t.Fatalf("the clone is still locked: %v", err)
	}
	unlock()
	if err := c.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var buffer [1024]byte
	for err == nil {
		_, err = c.Read(buffer[:])
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		t.Error("the connection is still open")
	}
}
