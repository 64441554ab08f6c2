package main

import (
	"crypto/ed25519"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// sshPassphrase opens the key that a script is let in with. It is a canary.
const sshPassphrase = "canary-passphrase"

// sshServerCommand FOLDER starts an ssh server that knows one command,
// git-upload-pack. It sets SSH_HOST, and writes key, locked (the same key, with a
// passphrase), stranger (another key) and known_hosts into the folder.
func sshServerCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sshserver FOLDER")
	}
	host, user, stranger := newSSHKey(ts), newSSHKey(ts), newSSHKey(ts)
	signer, err := ssh.NewSignerFromKey(host)
	ts.Check(err)
	allowed, err := ssh.NewPublicKey(user.Public())
	ts.Check(err)
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if string(key.Marshal()) != string(allowed.Marshal()) {
			return nil, errors.New("not this key")
		}
		return nil, nil
	}}
	config.AddHostKey(signer)
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with the script
	ts.Check(err)
	ts.Defer(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil { // the script has ended
				return
			}
			go serveSSH(conn, config)
		}
	}()
	folder := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(folder, 0o700))
	save := func(name string, block *pem.Block, err error) {
		ts.Check(err)
		ts.Check(os.WriteFile(filepath.Join(folder, name), pem.EncodeToMemory(block), 0o600))
	}
	block, err := ssh.MarshalPrivateKey(user, "")
	save("key", block, err)
	block, err = ssh.MarshalPrivateKeyWithPassphrase(user, "", []byte(sshPassphrase))
	save("locked", block, err)
	block, err = ssh.MarshalPrivateKey(stranger, "")
	save("stranger", block, err)
	line := knownhosts.Line([]string{listener.Addr().String()}, signer.PublicKey())
	ts.Check(os.WriteFile(filepath.Join(folder, "known_hosts"), []byte(line+"\n"), 0o600))
	ts.Setenv("SSH_HOST", listener.Addr().String())
}

func newSSHKey(ts *testscript.TestScript) ed25519.PrivateKey {
	_, key, err := ed25519.GenerateKey(nil)
	ts.Check(err)
	return key
}

// serveSSH serves one connection until its client leaves.
func serveSSH(conn net.Conn, config *ssh.ServerConfig) {
	defer func() { _ = conn.Close() }() // its client has left
	server, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }() // as above
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		channel, asked, err := offered.Accept()
		if err != nil {
			return
		}
		for request := range asked {
			if request.Type != "exec" {
				_ = request.Reply(false, nil)
				continue
			}
			_ = request.Reply(true, nil)
			status := struct{ Status uint32 }{uploadPack(channel, string(request.Payload[4:]))}
			_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(status))
			_ = channel.Close()
		}
	}
}

// uploadPack runs git-upload-pack 'FOLDER', and gives its exit code.
func uploadPack(channel ssh.Channel, command string) uint32 {
	folder, ok := strings.CutPrefix(command, "git-upload-pack ")
	if !ok {
		return 127
	}
	cmd := exec.Command("git", "upload-pack", strings.Trim(folder, "'")) //nolint:noctx // it ends with its client, which is a test's
	cmd.Env = append(os.Environ(), "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*")
	cmd.Stdout, cmd.Stderr = channel, channel.Stderr()
	stdin, err := cmd.StdinPipe()
	if err != nil || cmd.Start() != nil {
		return 126
	}
	// Not as cmd.Stdin: git may end before its client has said all.
	go func() {
		_, _ = io.Copy(stdin, channel)
		_ = stdin.Close()
	}()
	if cmd.Wait() != nil {
		return 128
	}
	return 0
}
