package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"os"
	slashpath "path"
	"path/filepath"
	"strings"
	gosync "sync"

	"github.com/spf13/pflag"

	"wassist-sync/internal/gitsrc"
	"wassist-sync/internal/serve"
	"wassist-sync/internal/source"
	"wassist-sync/spec"
	"wassist-sync/wassist"
)

// fleet makes what serve keeps in line out of flags and a targets file, as often
// as they are read.
type fleet struct {
	console
	flags *serveFlags

	mu   gosync.Mutex
	kept map[string]*keptTarget // by target's name
	keys keptLimiters
}

// targetFlagsByKey are the flags that stand for the keys of a targets file.
var targetFlagsByKey = map[string]string{
	"repo": "repo", "ref": "ref", "path": "path", "env": "env", "keyFile": "api-key-file", "gitTokenFile": "git-token-file", "gitSshKey": "git-ssh-key",
	"schedule": "schedule", "timezone": "timezone", "jitter": "jitter", "mode": "mode", "prune": "prune", "confirmOrganization": "confirm-organization",
	"maxDeletes": "max-deletes", "onDrift": "on-drift", "rate": "rate", "apiUrl": "api-url",
}

// configs reads the settings.
func (f *fleet) configs() ([]serve.Config, error) {
	if f.flags.targets == "" {
		config, err := f.config(nameOf(f.flags.source.repo), f.flags, f.console, nil)
		if err != nil {
			return nil, err
		}
		return []serve.Config{config}, nil
	}
	text, err := os.ReadFile(f.flags.targets)
	if err != nil {
		return nil, usage("--targets: %v", err)
	}
	targets, err := spec.ParseTargets(f.flags.targets, text)
	if err != nil { // no definition is wrong, but what serve was given
		return nil, usage("--targets:\n%s", err.Error())
	}
	own := map[string]bool{}
	for _, t := range targets {
		own[strings.ToUpper(t.Text("keyEnv"))], own[strings.ToUpper(t.Text("gitTokenEnv"))] = true, true
	}
	var configs []serve.Config
	paces := paces{}
	for _, t := range targets {
		if key := t.Values["keyEnv"]; key != nil {
			if value, _ := f.lookupEnv(key.Text); strings.TrimSpace(value) == "" {
				return nil, usage("%s: %s: the variable %s holds no key", key.Pos, t.Name.Text, key.Text)
			}
		}
		flags, err := f.flags.with(t)
		if err != nil {
			return nil, err
		}
		config, err := f.config(t.Name.Text, flags, f.with(t), own)
		if err != nil {
			return nil, usage("%s: %s: %v", t.Pos, t.Name.Text, err)
		}
		if err := paces.add(t.Name.Text, &flags.target, f.with(t)); err != nil {
			return nil, usage("%s: %s: %v", t.Pos, t.Name.Text, err)
		}
		if variable := t.Text("keyEnv"); variable != "" {
			config.KeyOrigin = "the variable " + variable
		}
		configs = append(configs, config)
	}
	return configs, nil
}

// with lays what a target says over the flags.
func (s *serveFlags) with(t *spec.Target) (*serveFlags, error) {
	out := &serveFlags{}
	out.addShared(pflag.NewFlagSet(t.Name.Text, pflag.ContinueOnError))
	var err error
	s.flags.VisitAll(func(f *pflag.Flag) {
		to := out.flags.Lookup(f.Name)
		if !f.Changed || to == nil || err != nil {
			return
		}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			err = to.Value.(pflag.SliceValue).Replace(list.GetSlice())
			to.Changed = true
			return
		}
		err = out.flags.Set(f.Name, f.Value.String())
	})
	if err != nil {
		return nil, err
	}
	if t.Values["keyEnv"] != nil {
		out.target.apiKeyFile, out.target.keyGiven = "", true
	}
	if t.Values["gitTokenEnv"] != nil {
		out.source.tokenFile = ""
	}
	for key, value := range t.Values {
		if flag := targetFlagsByKey[key]; flag != "" {
			if err := out.flags.Set(flag, value.Text); err != nil {
				return nil, usage("%s: %s: %v", value.Pos, key, err)
			}
		}
	}
	return out, nil
}

// with reads the key and the token from the variables that a target names.
func (c console) with(t *spec.Target) console {
	lookup := c.lookupEnv
	c.lookupEnv = func(name string) (string, bool) {
		switch key := t.Text("keyEnv"); {
		case name == keyVariable && key != "":
			return lookup(key)
		case name == gitTokenVariable && t.Text("gitTokenEnv") != "":
			return lookup(t.Text("gitTokenEnv"))
		}
		return lookup(name)
	}
	return c
}

// nameOf is what the one target of the flags is called: as its repository.
func nameOf(repo string) string {
	if u, err := url.Parse(repo); err == nil {
		repo = u.Path
	}
	name := strings.TrimSuffix(slashpath.Base(strings.TrimRight(repo, "/")), ".git")
	if at := strings.LastIndexByte(name, ':'); at >= 0 {
		name = name[at+1:]
	}
	if name == "" || name == "." || name == "/" {
		return "agents"
	}
	return name
}

// folderOf is where a target of several keeps its clone. Of two targets of one
// repository each has its own: what one fetches, mends or keeps is not the other's.
func folderOf(name string) string {
	sum := sha256.Sum256([]byte(name))
	legible := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(name))
	return strings.Trim(legible[:min(len(legible), 40)], "-") + "-" + hex.EncodeToString(sum[:4])
}

// config checks one target, and says how it is run. own are variables that no
// definition may take in, in capitals, besides those of this tool: a definition in
// one target's repository cannot have the key of another target.
func (f *fleet) config(name string, flags *serveFlags, c console, own map[string]bool) (serve.Config, error) {
	flags.target.kept, flags.target.name = f.keep(name, flags.target.simulate), name
	switch {
	case flags.source.repo == "":
		return serve.Config{}, usage("there is no repository: name one with --repo")
	case flags.mode != serve.ModeApply && flags.mode != serve.ModePlan:
		return serve.Config{}, usage("--mode %q is not known; use apply or plan", flags.mode)
	}
	// The environment may name the variable that holds the key.
	keyErr := flags.target.check(c)
	if keyErr != nil && (flags.source.env == "" || !errors.Is(keyErr, errNoKey)) {
		return serve.Config{}, keyErr
	}
	if _, err := flags.options([]string{flags.folder}); err != nil {
		return serve.Config{}, err
	}
	schedule, err := serve.ParseSchedule(flags.schedule, flags.timezone, flags.jitter)
	if err != nil {
		return serve.Config{}, &exitError{exitUsage, err}
	}
	if keyErr == nil {
		if _, err := flags.target.open(c, func(wassist.Event) {}); err != nil {
			return serve.Config{}, err
		}
	}
	if _, err := flags.source.request(c, flags.folder); err != nil {
		return serve.Config{}, err
	}
	withheld := func(variable string) bool {
		variable = strings.ToUpper(variable) // Windows takes no notice of case
		return own[variable] || ownVariable(variable) || strings.HasPrefix(variable, "WASSIST_SYNC_")
	}
	cache, err := source.CacheDir(flags.source.cache)
	if err != nil {
		return serve.Config{}, err
	}
	if own != nil {
		cache = filepath.Join(cache, folderOf(name))
	}
	origin := ""
	if file := flags.target.apiKeyFile; file != "" {
		origin = "the file " + file + ", which is read again for each run"
	}
	return serve.Config{
		KeyOrigin: origin,
		Name:      name, URL: flags.source.repo, Ref: flags.source.ref, Path: flags.folder, Env: flags.source.env, Mode: flags.mode, Schedule: schedule, CacheDir: cache,
		Remote: func() (gitsrc.Remote, error) {
			request, err := flags.source.request(c, flags.folder)
			if err != nil {
				return gitsrc.Remote{}, err
			}
			return request.Remote(), nil
		},
		Connect: func(_ context.Context, settings *spec.Settings) (*serve.Connection, error) {
			return f.connect(flags, c, settings)
		},
		LookupEnv: func(variable string) (string, bool) {
			if withheld(variable) {
				return "", false
			}
			return f.environment(variable)
		},
		Withheld: withheld,
	}, nil
}

// connect opens a target for one run.
func (f *fleet) connect(flags *serveFlags, c console, settings *spec.Settings) (*serve.Connection, error) {
	p := flags.planFlags // what the settings say holds for this run
	options, err := p.options([]string{flags.folder})
	if err != nil {
		return nil, err
	}
	if err := p.settle(&options, settings); err != nil {
		return nil, err
	}
	var traffic counter
	p.target.limiter = func(key string) (*wassist.Limiter, error) { return f.keys.limiter(key, p.target.rate) }
	target, err := p.target.open(c, traffic.observe)
	if err != nil {
		return nil, err
	}
	options.Host, options.Rate = target.host, target.rate
	return &serve.Connection{
		API: target.api, Options: options, Traffic: traffic.read,
		Conceal: func(set *spec.Set) { target.client.AddSecrets(append(secrets(set), set.Secrets...)...) },
	}, nil
}

// keep finds what stays of a target from run to run. Targets whose simulator is
// one file share it.
func (f *fleet) keep(name, simulate string) *keptTarget {
	if simulate != "" && simulate != inMemory {
		name = "\x00" + simulate
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kept[name] == nil {
		f.kept[name] = &keptTarget{}
	}
	return f.kept[name]
}

// counter adds up what a client tells.
type counter struct {
	mu    gosync.Mutex
	total serve.Traffic
}

func (n *counter) observe(e wassist.Event) {
	if e.Kind != wassist.EventAttempt {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.total.Requests++
	n.total.Waited += e.Waited
	if errors.Is(e.Err, wassist.ErrRateLimited) {
		n.total.TooMany++
	}
}

func (n *counter) read() serve.Traffic {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.total
}
