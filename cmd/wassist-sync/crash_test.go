package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// crashing is a place to write to that throws what it was given to throw when a text
// is written that holds at: as often as times says.
type crashing struct {
	at    string
	throw any
	times int
	bytes.Buffer
}

func (w *crashing) Write(p []byte) (int, error) {
	if w.times > 0 && bytes.Contains(p, []byte(w.at)) {
		w.times--
		panic(w.throw)
	}
	return w.Buffer.Write(p)
}

// A defect of this program, in the middle of an apply, shows no secret, whatever is
// thrown; it ends with 1, since 2 would say that changes are pending.
func TestCrashShowsNoSecret(t *testing.T) {
	folder := t.TempDir()
	agents := filepath.Join(folder, "agents")
	if err := os.MkdirAll(agents, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(agents, "a.yaml"), []byte("name: A\nsystemPrompt: !env CANARY\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var nothing map[string]int
	for name, tt := range map[string]struct {
		throw any
		want  string
	}{
		"a text":             {"canary-text", "(string)"},
		"an error":           {fmt.Errorf("PATCH with the key canary-key: %w", errors.ErrUnsupported), "(*fmt.wrapError)"},
		"what holds secrets": {struct{ Key string }{"canary-key"}, "(struct { Key string })"},
		"the runtime's":      {thrownBy(func() { nothing["canary-map"] = 1 }), "(assignment to entry in nil map)"},
	} {
		for _, where := range []string{"To do:", "created", "Applied:"} {
			t.Run(name+" at "+where, func(t *testing.T) {
				out, stderr := &crashing{at: where, throw: tt.throw, times: 1}, &crashing{at: where, throw: tt.throw, times: 1}
				c := console{in: strings.NewReader(""), out: out, err: stderr, lookupEnv: func(name string) (string, bool) {
					value, ok := map[string]string{"CANARY": "canary-env", "WASSIST_API_KEY": "canary-key"}[name]
					return value, ok
				}}
				code := run(context.Background(), []string{"apply", "--yes", "--simulate", "--verbose", agents}, c)
				said := out.String() + stderr.String()
				if code != exitFailed || !strings.Contains(stderr.String(), "broken off by a defect of this program "+tt.want) || !strings.Contains(said, "goroutine ") {
					t.Errorf("exit code %d: %s", code, said)
				}
				if strings.Contains(strings.ReplaceAll(said, folder, ""), "canary") {
					t.Errorf("a secret is shown: %s", said)
				}
			})
		}
	}
	t.Run("stderr is broken too", func(t *testing.T) {
		broken := &crashing{throw: "canary", times: 100}
		c := console{in: strings.NewReader(""), out: broken, err: broken, lookupEnv: func(string) (string, bool) { return "", false }}
		if code := run(context.Background(), []string{"version"}, c); code != exitFailed {
			t.Errorf("exit code %d", code)
		}
	})
}

func thrownBy(f func()) (thrown any) {
	defer func() { thrown = recover() }()
	f()
	return nil
}
