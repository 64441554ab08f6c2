package main

import (
	"context"

	"github.com/spf13/pflag"

	"wassist-sync/sync"
)

// offlineFlags ask for a plan from one commit to another.
type offlineFlags struct {
	offline bool
	base    string
}

func (o *offlineFlags) add(flags *pflag.FlagSet) {
	flags.BoolVar(&o.offline, "offline", false, "compare with the definitions at --base instead of Wassist: no key, no network, no !env values")
	flags.StringVar(&o.base, "base", "", "with --offline, the `REF` (branch, tag or commit) to compare with: what is merged into")
}

// check wants both flags or none, and no flag that only makes sense with Wassist.
func (o *offlineFlags) check(p *planFlags) error {
	switch {
	case !o.offline && o.base != "":
		return usage("--base goes with --offline only: without it, the definitions are compared with Wassist")
	case !o.offline:
		return nil
	case o.base == "":
		return usage("--offline needs --base REF: the branch, tag or commit to compare with")
	}
	for _, f := range []struct {
		name, why string
		given     bool
	}{
		{"accept", "an offline plan has no digest", p.accept != ""},
		{"expect", "an offline plan has no digests", p.expect != nil},
		{"simulate", "the base stands for Wassist", p.target.simulate != ""},
		{"prune all", "which agents no definition ever named is not known", p.prune == string(sync.PruneAll)},
		{"confirm-organization", "no agent that Git never defined is deleted", p.confirmOrganization != ""},
	} {
		if f.given {
			return usage("--%s makes no sense with --offline: %s", f.name, f.why)
		}
	}
	return nil
}

// offlinePlan plans from the definitions at base to those that the flags name,
// without a key, a network, or !env values. An error comes with the session when
// it is one to be written to the result (see session.failed).
func (p *planFlags) offlinePlan(ctx context.Context, c console, args []string, base string) (*sync.Plan, *session, error) {
	options, err := p.options(args)
	if err != nil {
		return nil, nil, err
	}
	s := &session{console: c, flags: p, options: options}
	opened, err := p.source.open(ctx, c, path(args))
	if codeOf(err) == exitUsage {
		return nil, nil, err
	}
	if err != nil {
		return nil, s, err
	}
	s.opened = opened
	defer s.close()
	s.options.Source, s.options.History = opened.Source, opened.History
	if err := p.settle(&s.options, opened.Settings); err != nil {
		return nil, s, err
	}
	if s.options.Rate, err = sync.ParseRate(p.target.rate); err != nil {
		return nil, nil, &exitError{exitUsage, err}
	}
	c.warn(opened.Set.Warnings)
	from, err := opened.Base(ctx, base)
	if err != nil {
		if err = asUsage(err); codeOf(err) == exitUsage {
			return nil, nil, err
		}
		return nil, s, err
	}
	plan, err := sync.Offline(ctx, opened.Set, *from, s.options)
	if selectsNothing(err) {
		return nil, nil, &exitError{exitUsage, err}
	}
	return plan, s, err
}
