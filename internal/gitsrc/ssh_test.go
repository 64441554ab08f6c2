package gitsrc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sshd starts a real ssh server on this machine, for one key.
func sshd(t *testing.T) (port int, key, known string) {
	t.Helper()
	daemon := "/usr/sbin/sshd"
	if _, err := os.Stat(daemon); err != nil {
		t.Skip("no sshd: install openssh-server to run this test")
	}
	dir := t.TempDir()
	_ = os.MkdirAll("/run/sshd", 0o755) // where sshd separates its privileges, if it runs as root
	keygen := func(name string) string {
		file := filepath.Join(dir, name)
		if out, err := exec.CommandContext(t.Context(), "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v %s", err, out)
		}
		return file
	}
	host, key := keygen("host"), keygen("user")
	public, err := os.ReadFile(key + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port = listener.Addr().(*net.TCPAddr).Port
	shut(t, listener)
	hostKey, err := os.ReadFile(host + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, files{
		"authorized": string(public),
		"known":      fmt.Sprintf("[127.0.0.1]:%d %s", port, hostKey),
		"config": fmt.Sprintf("ListenAddress 127.0.0.1:%d\nHostKey %s\nAuthorizedKeysFile %s\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPidFile none\nPermitRootLogin yes\nSetEnv GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=*\n",
			port, host, filepath.Join(dir, "authorized")),
	})
	cmd := exec.CommandContext(t.Context(), daemon, "-D", "-e", "-f", filepath.Join(dir, "config"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // the test's context has ended it
	for range 100 {
		if c, err := new(net.Dialer).DialContext(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			shut(t, c)
			return port, key, filepath.Join(dir, "known")
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Skip("sshd does not start here")
	return 0, "", ""
}

func TestFetchSSH(t *testing.T) {
	port, key, known := sshd(t)
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	root, work := source(t)
	remote := Remote{URL: fmt.Sprintf("ssh://%s@127.0.0.1:%d%s", me.Username, port, filepath.Join(root, "repo.git")), KeyFile: key, KnownHosts: []string{known}}
	follow(t, work, remote)

	empty := filepath.Join(t.TempDir(), "known_hosts")
	stranger := filepath.Join(t.TempDir(), "other")
	if out, err := exec.CommandContext(t.Context(), "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", stranger).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	other, err := os.ReadFile(stranger + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Dir(empty), files{"known_hosts": "", "changed": fmt.Sprintf("[127.0.0.1]:%d %s", port, other)})
	for name, test := range map[string]struct {
		change func(*Remote)
		want   string
		is     error
	}{
		"an unknown host":    {func(r *Remote) { r.KnownHosts = []string{empty} }, "the host's key is in no known_hosts file", ErrRefused},
		"a changed host":     {func(r *Remote) { r.KnownHosts = []string{filepath.Join(filepath.Dir(empty), "changed")} }, "another one than known_hosts says", ErrRefused},
		"a wrong key":        {func(r *Remote) { r.KeyFile = stranger }, "does not accept the ssh key", ErrRefused},
		"no agent":           {func(r *Remote) { r.KeyFile = "" }, "no ssh agent answers", nil},
		"no such repository": {func(r *Remote) { r.URL += "x" }, "not found", ErrNoRemote},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("SSH_AUTH_SOCK", "")
			remote := remote
			test.change(&remote)
			_, err := Fetch(context.Background(), remote, t.TempDir())
			if err == nil || !strings.Contains(err.Error(), test.want) || test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestFetchSSHAgent(t *testing.T) {
	if _, err := exec.LookPath("ssh-agent"); err != nil {
		t.Skip("no ssh-agent")
	}
	port, key, known := sshd(t)
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "agent")
	agent := exec.CommandContext(t.Context(), "ssh-agent", "-D", "-a", socket)
	if err := agent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = agent.Wait() }) // the test's context has ended it
	t.Setenv("SSH_AUTH_SOCK", socket)
	var out []byte
	for range 100 {
		if out, err = exec.CommandContext(t.Context(), "ssh-add", key).CombinedOutput(); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		t.Fatalf("ssh-add: %v %s", err, out)
	}
	root, work := source(t)
	r, err := Fetch(context.Background(), Remote{URL: fmt.Sprintf("ssh://%s@127.0.0.1:%d%s", me.Username, port, filepath.Join(root, "repo.git")), KnownHosts: []string{known}}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, r)
	if c := mustResolve(t, r, "main"); c.Hash.String() != run(t, work, "", "rev-parse", "HEAD") {
		t.Errorf("main is %s", c.Hash)
	}
}
