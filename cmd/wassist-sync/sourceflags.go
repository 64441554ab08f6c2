package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/internal/report"
	"wassist-sync/internal/source"
	"wassist-sync/spec"
)

// sourceFlags say where the definitions lie: as files, at a commit of the
// repository around them, or in a repository elsewhere.
type sourceFlags struct {
	ref, repo, tokenFile, sshKey, cache string
	env                                 string
	knownHosts                          []string
}

// addEnv adds the flag that commands have which read definitions.
func (f *sourceFlags) addEnv(flags *pflag.FlagSet, more string) {
	flags.StringVar(&f.env, "env", "", "the environment of the definitions: `NAME` of environments/NAME.yaml in their folder"+more)
}

func (f *sourceFlags) add(flags *pflag.FlagSet) {
	f.addEnv(flags, "")
	flags.StringVar(&f.ref, "ref", "", "read the definitions at this `REF` (branch, tag or commit) instead of the files as they lie there")
	flags.StringVar(&f.repo, "repo", "", "clone this `URL` (https, ssh or file) and read the definitions there; PATH is inside it")
	flags.StringVar(&f.tokenFile, "git-token-file", "", "a file that holds the token for --repo over https (else WASSIST_SYNC_GIT_TOKEN)")
	flags.StringVar(&f.sshKey, "git-ssh-key", "", "the private key `FILE` for --repo over ssh (else the ssh agent; WASSIST_SYNC_GIT_SSH_PASSPHRASE opens it)")
	flags.StringSliceVar(&f.knownHosts, "git-known-hosts", nil, "known_hosts `FILES` for --repo over ssh (default: the user's and the system's)")
	flags.StringVar(&f.cache, "git-cache", "", "the `FOLDER` that keeps clones of --repo (default: wassist-sync in the user's cache folder)")
}

// Variables that hold this tool's own secrets. No definition may take them in.
const (
	keyVariable        = "WASSIST_API_KEY"
	gitTokenVariable   = "WASSIST_SYNC_GIT_TOKEN"          //nolint:gosec // the variable's name, not the token
	passphraseVariable = "WASSIST_SYNC_GIT_SSH_PASSPHRASE" //nolint:gosec // the variable's name, not the passphrase
	hubTokenVariable   = "GITHUB_TOKEN"                    //nolint:gosec // the variable's name, not the token
	idTokenVariable    = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"  //nolint:gosec // the variable's name, not the token
)

// ownVariable takes no notice of case: neither does Windows.
func ownVariable(name string) bool {
	switch strings.ToUpper(name) {
	case keyVariable, gitTokenVariable, passphraseVariable, hubTokenVariable, idTokenVariable, notifyVariable, hookSecretVariable, runTokenVariable:
		return true
	}
	return false
}

// environment is what definitions may take values from.
func (c console) environment(name string) (string, bool) {
	if ownVariable(name) {
		return "", false
	}
	return c.lookupEnv(name)
}

// open finds the definitions.
func (f *sourceFlags) open(ctx context.Context, c console, path string) (*source.Opened, error) {
	request, err := f.request(c, path)
	if err != nil {
		return nil, err
	}
	opened, err := source.Open(ctx, request, c.environment)
	return opened, asUsage(err)
}

// asUsage gives errors that come of what the user asked for their exit code.
func asUsage(err error) error {
	if errors.Is(err, source.ErrUsage) {
		return &exitError{exitUsage, err}
	}
	return err
}

// request puts the flags, and the secrets that go with them, together.
func (f *sourceFlags) request(c console, path string) (source.Request, error) {
	request := source.Request{Path: path, Env: f.env, Ref: f.ref, Repo: f.repo, KeyFile: f.sshKey, KnownHosts: f.knownHosts, CacheDir: f.cache}
	token, err := f.token(c)
	if err != nil {
		return request, err
	}
	passphrase, _ := c.lookupEnv(passphraseVariable)
	request.Token, request.KeyPassphrase = gitsrc.Secret(token), gitsrc.Secret(passphrase)
	return request, nil
}

// token reads the token for https; it is never a flag's value, which every user
// of the machine could see.
func (f *sourceFlags) token(c console) (string, error) {
	if f.repo == "" {
		return "", nil
	}
	if f.tokenFile == "" {
		token, _ := c.lookupEnv(gitTokenVariable)
		return strings.TrimSpace(token), nil
	}
	b, err := os.ReadFile(f.tokenFile)
	if err != nil {
		return "", usage("--git-token-file: %v", err)
	}
	token := strings.TrimSpace(string(b))
	if token == "" {
		return "", usage("--git-token-file: %s is empty", f.tokenFile)
	}
	return token, nil
}

// warn prints what is not right but does not stop.
func (c console) warn(warnings spec.Problems) {
	for _, w := range warnings {
		fmt.Fprintf(c.notes(), "warning: %s\n", report.Visible(w.Error()))
	}
}
