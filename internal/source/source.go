package source

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/spec"
	"wassist-sync/sync"
)

// Request says where the definitions lie.
type Request struct {
	// Path is the folder, as the user wrote it; with Repo a path inside the
	// repository.
	Path string
	// Env names one of the folder's environments; empty for none.
	Env string
	// Ref names the commit; empty for the files as they lie there, and with Repo
	// for the remote's HEAD.
	Ref string
	// Repo is the URL of a repository to clone; empty for the one around Path.
	Repo string
	// Token, KeyFile, KeyPassphrase and KnownHosts let us into Repo, as in
	// gitsrc.Remote.
	Token         gitsrc.Secret
	KeyFile       string
	KeyPassphrase gitsrc.Secret
	KnownHosts    []string
	// CacheDir is where the clone of Repo is kept; empty for wassist-sync in the
	// user's cache folder.
	CacheDir string
}

// String shows a request without what may be secret in it.
func (r Request) String() string {
	return fmt.Sprintf("{path %q, ref %q, repository %q}", r.Path, r.Ref, gitsrc.Remote{URL: r.Repo})
}

// GoString is String: %#v must not show a secret either.
func (r Request) GoString() string { return r.String() }

// Opened is what a Request leads to. Close gives its files back; the History
// is not read after that.
type Opened struct {
	// Set is the definitions, !env not resolved yet. It has no definition when
	// the folder is missing, but a commit of the line had some in it.
	Set *spec.Set
	// Settings are those of the same folder, and of the environment before them.
	Settings *spec.Settings
	// LookupEnv is what was given to Open, but for the variables that hold API keys
	// as the settings and all environments have it. It is nil when nothing was given.
	LookupEnv func(string) (string, bool)
	// Source is how a plan names all this. Its Path is the user's.
	Source sync.Source
	// History is nil when Source.History is sync.HistoryNone.
	History sync.History
	// Notes say what a reader of a plan should know besides what the History
	// notes: why there is no history, although there is a repository.
	Notes []string

	open []io.Closer
	// keys are the variables that hold API keys, as the settings and all
	// environments have it.
	keys []string
	// local gives the place on this machine of a position's file; nil when the
	// definitions were read from a commit.
	local func(file string) string
}

// Local is where the file of a position lies on this machine; empty for definitions
// that were read from a commit.
func (o *Opened) Local(file string) string {
	if o.local == nil {
		return ""
	}
	return o.local(file)
}

// Close gives the open files back. Nothing is lost when that fails: all of
// them were only read.
func (o *Opened) Close() {
	for _, c := range o.open {
		_ = c.Close() // only read
	}
	o.open = nil
}

// Open finds the definitions of a request, and reads them. lookupEnv is what
// !env values of earlier versions are taken from: it must not give this tool's
// own keys away (WASSIST_API_KEY, WASSIST_SYNC_GIT_TOKEN). It may be nil.
//
// !var values of earlier versions are those of the environment at that time.
//
// Errors that come of what the user asked for wrap ErrUsage. Definitions and
// settings that are wrong are spec.Problems, all at once. No error holds a secret.
func Open(ctx context.Context, q Request, lookupEnv func(string) (string, bool)) (*Opened, error) {
	switch {
	case q.Repo != "":
		return openRemote(ctx, q, lookupEnv)
	case q.Ref != "":
		return openRef(ctx, q, lookupEnv)
	}
	return openFolder(ctx, q, lookupEnv)
}

// conceal keeps the variables that hold API keys from definitions: those that the
// settings of the folder name, and those of all its environments. It takes no notice
// of case: neither does Windows.
func (o *Opened) conceal(lookupEnv func(string) (string, bool), fsys fs.FS, dir string) {
	o.keys = spec.KeyVariables(fsys, dir)
	if key := o.Settings.APIKeyEnv; key != nil {
		o.keys = append(o.keys, key.Text)
	}
	o.LookupEnv = lookupEnv
	if lookupEnv == nil || len(o.keys) == 0 {
		return
	}
	o.LookupEnv = func(name string) (string, bool) {
		if o.HoldsKey(name) {
			return "", false
		}
		return lookupEnv(name)
	}
}

// HoldsKey tells of a variable that the settings or an environment name as the one
// of an API key: no definition may take it in.
func (o *Opened) HoldsKey(name string) bool {
	return slices.ContainsFunc(o.keys, func(key string) bool { return strings.EqualFold(name, key) })
}

// shown is a path as the user wrote it, with slashes and without detours.
func shown(path string) string { return filepath.ToSlash(filepath.Clean(path)) }
