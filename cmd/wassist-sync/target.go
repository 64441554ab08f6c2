package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"wassist-sync/internal/remote"
	"wassist-sync/internal/source"
	"wassist-sync/spec"
	"wassist-sync/sync"
	"wassist-sync/wassist"
	"wassist-sync/wassist/simulator"
)

var errNoKey = errors.New("there is no API key: set WASSIST_API_KEY or --api-key-file, or try --simulate")

// emptyKeyError is errNoKey where the settings name another variable than
// WASSIST_API_KEY: setting that one would not help.
type emptyKeyError struct{ variable *spec.Value }

func (e *emptyKeyError) Error() string {
	return fmt.Sprintf("there is no API key: %s names the variable %s, which holds none; set it or --api-key-file, or try --simulate", e.variable.Pos, e.variable.Text)
}

func (e *emptyKeyError) Is(target error) bool { return target == errNoKey }

// inMemory is the value of a --simulate that names no file.
const inMemory = "memory"

// targetFlags say which API is spoken to, and how.
type targetFlags struct {
	apiURL, apiKeyFile, simulate, rate, logFormat string
	verbose                                       bool

	// keyVariable is the variable that the settings name, which holds the key;
	// nil when they name none. keyGiven puts WASSIST_API_KEY before it: whoever
	// calls the program has set it for this run alone.
	keyVariable *spec.Value
	keyGiven    bool

	// Of a process that opens targets again and again, else nil: what is kept of
	// this one, what it is called in the log, and the limiter of a key at an address.
	kept    *keptTarget
	name    string
	limiter func(key string) (*wassist.Limiter, error)
}

func (t *targetFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&t.apiURL, "api-url", "", "the API's address (WASSIST_API_URL; default "+wassist.DefaultBaseURL+")")
	flags.StringVar(&t.apiKeyFile, "api-key-file", "", "a file that holds the API key (else WASSIST_API_KEY)")
	flags.StringVar(&t.simulate, "simulate", "", "use a simulator inside this process instead of the API; --simulate=`FILE` keeps its state")
	flags.Lookup("simulate").NoOptDefVal = inMemory
	flags.StringVar(&t.rate, "rate", "100/1m", "the key's request limit, as `N/DURATION`")
	flags.StringVar(&t.logFormat, "log-format", "text", "form of the log on stderr: text or json")
	flags.BoolVar(&t.verbose, "verbose", false, "log every request (never the key, nor what is sent)")
}

// target is the connection that a command works with.
type target struct {
	client *wassist.Client
	api    *remote.API
	host   string
	rate   sync.Rate
}

// check looks at the flags alone, before anything is read.
func (t *targetFlags) check(c console) error {
	if _, err := sync.ParseRate(t.rate); err != nil {
		return &exitError{exitUsage, err}
	}
	if _, err := t.logger(c); err != nil {
		return err
	}
	if t.simulate == "" {
		_, err := t.key(c)
		return err
	}
	return nil
}

// open makes the client; it sends nothing.
func (t *targetFlags) open(c console, observe func(wassist.Event), more ...wassist.Option) (*target, error) {
	rate, err := sync.ParseRate(t.rate)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	logger, err := t.logger(c)
	if err != nil {
		return nil, err
	}
	options := []wassist.Option{
		wassist.WithRate(rate.Limit, rate.Window), wassist.WithLogger(logger),
		wassist.WithUserAgent("wassist-sync/" + version()), wassist.WithObserver(observe),
	}
	key, host, address := "simulator", "simulator", t.address(c)
	if t.simulate != "" {
		server, err := t.kept.simulator(func() (*simulator.Server, error) { return t.simulator(rate) })
		if err != nil {
			return nil, err
		}
		options = append(options, wassist.WithHTTPClient(&http.Client{Transport: server.RoundTripper()}), wassist.WithBaseURL("http://simulator/api/v1/"))
	} else {
		if key, err = t.key(c); err != nil {
			return nil, err
		}
		if _, err := t.hostName(c); err != nil {
			return nil, err
		}
		options = append(options, at(address)...)
	}
	if t.limiter != nil {
		limiter, err := t.limiter(key + "\x00" + address)
		if err != nil {
			return nil, err
		}
		options = append(options, wassist.WithLimiter(limiter))
	}
	client, err := wassist.New(key, append(options, more...)...)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	if t.simulate == "" {
		host = client.Host()
		t.kept.once(func() { warnClear(c, client) })
	}
	return &target{client: client, api: remote.New(client), host: host, rate: rate}, nil
}

// address is where the API is; empty where it always is.
func (t *targetFlags) address(c console) string {
	if t.apiURL != "" {
		return t.apiURL
	}
	address, _ := c.lookupEnv("WASSIST_API_URL")
	return address
}

// hostName is the API's host, with or without a key.
func (t *targetFlags) hostName(c console) (string, error) {
	if t.simulate != "" {
		return "simulator", nil
	}
	client, err := wassist.New("none", at(t.address(c))...)
	if err != nil {
		from := "WASSIST_API_URL"
		if t.apiURL != "" {
			from = "--api-url (apiUrl in a targets file)"
		}
		return "", &exitError{exitUsage, fmt.Errorf("%s: %w", from, err)}
	}
	return client.Host(), nil
}

// at is a client's option for an address.
func at(address string) []wassist.Option {
	if address == "" {
		return nil
	}
	return []wassist.Option{wassist.WithBaseURL(address)}
}

// warnClear warns of an address that everybody on the way can listen to.
func warnClear(c console, client *wassist.Client) {
	name, _, err := net.SplitHostPort(client.Host())
	if err != nil {
		name = client.Host()
	}
	address, err := netip.ParseAddr(name)
	if client.Secure() || name == "localhost" || (err == nil && address.IsLoopback()) {
		return
	}
	fmt.Fprintf(c.notes(), "warning: http:// sends the API key to %s in clear; use https://\n", client.Host())
}

func (t *targetFlags) simulator(rate sync.Rate) (*simulator.Server, error) {
	file := t.simulate
	if file == inMemory {
		file = ""
	}
	if err := stateFolder(file); err != nil {
		return nil, usage("--simulate: %w", err)
	}
	server, err := simulator.New(simulator.Options{StateFile: file, RateLimit: rate.Limit, RateWindow: rate.Window})
	if err != nil {
		return nil, usage("--simulate: %w", err)
	}
	return server, nil
}

// takeKeyFrom takes the key from the variable that the settings name. It may be
// none that holds another secret of this tool: the key is sent to the API.
func (t *targetFlags) takeKeyFrom(name *spec.Value) error {
	t.keyVariable = name
	if name != nil && ownVariable(name.Text) && name.Text != keyVariable {
		return spec.Problems{{Pos: name.Pos, Field: "apiKeyEnv", Message: "names " + name.Text + ", which holds another secret", Remedy: "name the variable that holds the API key"}}
	}
	return nil
}

// reading opens definitions for a command that only reads on Wassist, and takes
// from their settings what the flags leave open: the rate, and which variable
// holds the key. definitions may give nil.
func (t *targetFlags) reading(c console, env string, rated bool, definitions func() (*source.Opened, error)) (*source.Opened, error) {
	keyErr := t.check(c)
	if keyErr != nil && !errors.Is(keyErr, errNoKey) {
		return nil, keyErr
	}
	opened, err := definitions()
	if err != nil {
		if keyErr != nil && env == "" {
			return nil, keyErr
		}
		return nil, err
	}
	if opened == nil {
		return nil, keyErr
	}
	if rate := opened.Settings.Rate; rate != nil && !rated {
		t.rate = rate.Text
	}
	if err := t.takeKeyFrom(opened.Settings.APIKeyEnv); err != nil {
		opened.Close()
		return nil, err
	}
	return opened, nil
}

// keyFromSettings reads the key from the variable that the settings name; false
// when they name none.
func (t *targetFlags) keyFromSettings(c console) (key string, named bool, err error) {
	if t.keyVariable == nil {
		return "", false, nil
	}
	value, _ := c.lookupEnv(t.keyVariable.Text)
	if key = strings.TrimSpace(value); key == "" {
		err = &exitError{exitUsage, &emptyKeyError{t.keyVariable}}
	}
	return key, true, err
}

// key reads the API key; it is never a flag's value, which every user of the
// machine could see.
func (t *targetFlags) key(c console) (string, error) {
	if t.apiKeyFile != "" {
		b, err := os.ReadFile(t.apiKeyFile)
		var path *fs.PathError
		if errors.As(err, &path) {
			return "", usage("--api-key-file: cannot read %s: %v", t.apiKeyFile, path.Err)
		}
		if err != nil {
			return "", err
		}
		if key := strings.TrimSpace(string(b)); key != "" {
			return key, nil
		}
		return "", usage("--api-key-file: %s is empty", t.apiKeyFile)
	}
	given, _ := c.lookupEnv(keyVariable)
	given = strings.TrimSpace(given)
	if given != "" && t.keyGiven {
		return given, nil
	}
	if key, named, err := t.keyFromSettings(c); named {
		return key, err
	}
	if given == "" {
		return "", &exitError{exitUsage, errNoKey}
	}
	return given, nil
}

func (t *targetFlags) logger(c console) (*slog.Logger, error) {
	log, err := t.loggerFrom(c, slog.LevelWarn)
	if err != nil || t.name == "" {
		return log, err
	}
	return log.With("target", t.name), nil
}

// loggerFrom logs from a level on, and everything with --verbose.
func (t *targetFlags) loggerFrom(c console, level slog.Level) (*slog.Logger, error) {
	switch {
	case t.verbose && c.isQuiet():
		return nil, usage("--quiet and --verbose exclude each other: give one of them")
	case c.isQuiet():
		level = slog.LevelError
	case t.verbose:
		level = slog.LevelDebug
	}
	switch options := (&slog.HandlerOptions{Level: level}); t.logFormat {
	case "text":
		return slog.New(slog.NewTextHandler(c.err, options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(c.err, options)), nil
	}
	return nil, usage("--log-format %q is not known; use text or json", t.logFormat)
}

// secrets collects every sensitive value of the definitions, so that an error
// that repeats what was sent does not show one.
func secrets(set *spec.Set) []string {
	var out []string
	var walk func(*spec.Value)
	walk = func(v *spec.Value) {
		if v == nil {
			return
		}
		if v.Sensitive && v.Text != "" {
			out = append(out, v.Text)
		}
		for _, item := range v.Items {
			walk(item)
		}
		for _, m := range v.Members {
			walk(m.Value)
		}
	}
	for _, a := range set.Agents {
		walk(a.Fields)
	}
	return out
}
