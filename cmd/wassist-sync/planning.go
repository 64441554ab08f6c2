package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/pflag"

	"wassist-sync/internal/report"
	"wassist-sync/internal/source"
	"wassist-sync/spec"
	"wassist-sync/sync"
	"wassist-sync/wassist"
)

// planFlags are shared by the commands that make a plan.
type planFlags struct {
	source sourceFlags
	target targetFlags
	output outputFlags

	prune, maxDeletes, onDrift, accept, confirmOrganization string
	expect, only                                            []string

	flags *pflag.FlagSet
}

func (p *planFlags) add(flags *pflag.FlagSet) {
	p.flags = flags
	p.source.add(flags)
	p.target.add(flags)
	p.output.add(flags)
	p.addDecisions(flags)
}

// addDecisions adds what steers the decision itself.
func (p *planFlags) addDecisions(flags *pflag.FlagSet) {
	flags.StringVar(&p.prune, "prune", "managed", "agents that no definition names: managed (delete those that Git defined and has removed), none, or all (also those that Git never defined; needs --confirm-organization)")
	flags.StringVar(&p.maxDeletes, "max-deletes", "", "how many agents a plan may delete, as `N or N%` (default: 3, or a quarter of the known agents, whichever is more)")
	flags.StringVar(&p.onDrift, "on-drift", "overwrite", "fields that somebody edited on Wassist: overwrite, keep, or fail")
	flags.StringVar(&p.accept, "accept", "", "lift the guards that can be lifted, for the one plan with this `DIGEST`")
	flags.StringSliceVar(&p.expect, "expect", nil, "refuse every change that is not among these: `DIGESTS` of changes, or a saved JSON plan (repeatable)")
	flags.StringArrayVar(&p.only, "only", nil, "do only what concerns the agent of this `NAME`, or of names that match a glob such as 'Order*' (repeatable); the rest is held")
	flags.StringVar(&p.confirmOrganization, "confirm-organization", "", "the `NAME or id` of the organization that --prune all may delete agents of")
}

// session is one run of plan or apply: what the flags say, checked, and what
// the definitions say.
type session struct {
	console
	flags   *planFlags
	options sync.Options
	target  *target
	opened  *source.Opened
	asks    bool // before anything is done
}

// close gives back what the session holds open.
func (s *session) close() {
	if s != nil && s.opened != nil {
		s.opened.Close()
	}
}

// prepare does everything that needs no request to Wassist.
func (p *planFlags) prepare(ctx context.Context, c console, args []string, observe func(wassist.Event)) (*session, error) {
	if err := p.output.check(); err != nil {
		return nil, err
	}
	// The settings may name the variable that holds the key.
	keyErr := p.target.check(c)
	if keyErr != nil && !errors.Is(keyErr, errNoKey) {
		return nil, keyErr
	}
	options, err := p.options(args)
	if err != nil {
		return nil, err
	}
	s := &session{console: c, flags: p, options: options}
	opened, sourceErr := p.source.open(ctx, c, path(args))
	switch {
	case sourceErr != nil && keyErr != nil && p.source.env == "":
		return nil, keyErr
	case codeOf(sourceErr) == exitUsage:
		return nil, sourceErr
	case sourceErr != nil && keyErr != nil: // which variable holds the key is not known
		return s, sourceErr
	}
	if sourceErr == nil {
		s.opened = opened
		s.options.Source, s.options.History, s.options.Notes = opened.Source, opened.History, opened.Notes
		if err := p.settle(&s.options, opened.Settings); err != nil {
			return s, err
		}
	}
	if s.target, err = p.target.open(c, observe); err != nil {
		s.close()
		return nil, err
	}
	s.options.Host, s.options.Rate = s.target.host, s.target.rate
	if sourceErr != nil {
		return s, sourceErr
	}
	err = opened.Set.TakeEnv(ownVariable, opened.LookupEnv)
	c.warn(opened.Set.Warnings) // resolving adds some
	if err != nil {
		return s, err
	}
	s.target.client.AddSecrets(append(secrets(opened.Set), opened.Set.Secrets...)...)
	return s, nil
}

func (p *planFlags) options(args []string) (sync.Options, error) {
	o := sync.Options{Environment: p.source.env, Source: sync.Source{Path: filepath.ToSlash(filepath.Clean(path(args))), History: sync.HistoryNone}, ConfirmOrganization: p.confirmOrganization, Accept: p.accept}
	var err error
	if o.Prune, err = sync.ParsePrune(p.prune); err != nil {
		return o, &exitError{exitUsage, err}
	}
	if o.OnDrift, err = sync.ParseOnDrift(p.onDrift); err != nil {
		return o, &exitError{exitUsage, err}
	}
	if p.maxDeletes != "" {
		if o.MaxDeletes, err = sync.ParseMaxDeletes(p.maxDeletes); err != nil {
			return o, &exitError{exitUsage, err}
		}
	}
	if o.Only, err = sync.ParseOnly(p.only); err != nil {
		return o, &exitError{exitUsage, err}
	}
	if p.accept != "" && !isDigest(p.accept) {
		return o, usage("--accept %q is not a digest such as sha256:…; plan prints it", p.accept)
	}
	o.Expect, err = expected(p.expect)
	return o, err
}

// settle takes from the settings, which are the environment's before those of the
// folder, what neither a flag nor a variable says.
func (p *planFlags) settle(o *sync.Options, settings *spec.Settings) error {
	var err error
	use := func(flag string, value *spec.Value, set func(string) error) {
		if value == nil || err != nil || p.flags.Changed(flag) {
			return
		}
		if bad := set(value.Text); bad != nil {
			err = &exitError{exitInvalid, fmt.Errorf("%s: %w", value.Pos, bad)}
		}
	}
	use("prune", settings.Prune, func(text string) (err error) { o.Prune, err = sync.ParsePrune(text); return err })
	use("max-deletes", settings.MaxDeletes, func(text string) (err error) { o.MaxDeletes, err = sync.ParseMaxDeletes(text); return err })
	use("on-drift", settings.OnDrift, func(text string) (err error) { o.OnDrift, err = sync.ParseOnDrift(text); return err })
	use("rate", settings.Rate, func(text string) (err error) { p.target.rate = text; return nil })
	if settings.Organization != nil {
		o.Organization = settings.Organization.Text
	}
	o.Unmanaged = settings.IsUnmanaged
	if err == nil {
		err = p.target.takeKeyFrom(settings.APIKeyEnv)
	}
	return err
}

var digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

func isDigest(s string) bool { return digestForm.MatchString(s) }

// expected reads the values of --expect: digests, or files of saved plans.
func expected(values []string) ([]string, error) {
	if values == nil {
		return nil, nil
	}
	// --expect "", or a saved plan without changes, expects none: that is not
	// the same as expecting nothing in particular.
	out := []string{}
	for _, v := range values {
		v = strings.TrimSpace(v)
		if isDigest(v) {
			out = append(out, v)
			continue
		}
		b, err := os.ReadFile(v)
		if err != nil {
			return nil, usage("--expect %q is neither a digest such as sha256:… nor a saved plan: %v", v, err)
		}
		var plan struct {
			FormatVersion int
			Changes       []struct{ Digest string }
		}
		if err := json.Unmarshal(b, &plan); err != nil || plan.FormatVersion != report.FormatVersion {
			return nil, usage("--expect %q is not a plan saved with --format json", v)
		}
		for _, c := range plan.Changes {
			out = append(out, c.Digest)
		}
	}
	return out, nil
}

// selectsNothing tells of an --only that no agent bears.
func selectsNothing(err error) bool {
	var nothing *sync.OnlyError
	return errors.As(err, &nothing)
}

// plan reads the remote side and decides.
func (s *session) plan(ctx context.Context) (*sync.Plan, error) {
	planner := sync.Planner{Reader: s.target.api, Options: s.options}
	plan, err := planner.Plan(ctx, s.opened.Set)
	if selectsNothing(err) {
		return nil, &exitError{exitUsage, err}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.target.host, err)
	}
	return plan, nil
}

// failed writes the JSON object of a run that has no plan, so that whichever
// program reads stdout finds one whatever happened. People read the error on
// stderr: in the other forms there is no document. It returns err.
func (s *session) failed(out *result, err error) error {
	if s.flags.output.format != formJSON {
		return err
	}
	target, requests := sync.Target{Host: s.options.Host, Environment: s.options.Environment}, int64(0)
	if s.target != nil {
		requests = s.target.client.Requests()
	}
	if writeErr := report.FailureJSON(out, s.options.Source, target, err, requests); writeErr != nil {
		return fmt.Errorf("%w (and writing the result failed: %w)", err, writeErr)
	}
	if writeErr := out.deliver(); writeErr != nil {
		return fmt.Errorf("%w (and writing the result failed: %w)", err, writeErr)
	}
	return err
}
