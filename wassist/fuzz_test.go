package wassist

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

func seeds(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal(err, files)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	deep := func(n int, open, shut string) string { return strings.Repeat(open, n) + strings.Repeat(shut, n) }
	for _, s := range []string{
		`{"id":"a1","x":` + deep(9000, "[", "]") + `}`, `{"id":"a1","x":` + deep(20000, `{"a":`, "}"), deep(200, "[", "]"), strings.Repeat("[", 20000),
		`{"id":"a1","tools":[null,{"creditCost":1e999999999},{"creditCost":-0},{"creditCost":` + strings.Repeat("9", 5000) + `}]}`,
		`{"count":9223372036854775808,"results":[]}`, `{"count":-1,"next":"x","results":[{"id":"a"}]}`, `{"count":1e3,"results":[]}`, `{"count":2,"next":null,"data":[{"id":"a"},{"id":"a"}]}`,
		`{"retry_after":1e400}`, `{"retry_after":"-1e309"}`, `{"error":{"code":1,"message":[{"a":[[[{}]]]}]}}`, `{"id":"a1","name":"\u0000\ud800\u202e\u001b[2J"}`,
		`{"id":"..","name":"x"}`, `{"id":"a/../b"}`, `{"id":1}`, `{"id":"a1","id":"a2"}`, "\xef\xbb\xbf{}", `{"id":"a1"} {"id":"a2"}`, `<html><title>\x1b[31m</title>`,
	} {
		f.Add([]byte(s))
	}
	for _, s := range []string{"", "null", "[]", "[[", `{"error":{"message":{}}}`, "<", "\xff", `{"":{"":[""]}}`, `{"results":[null]}`} {
		f.Add([]byte(s))
	}
}

// Whatever a server sends as an agent or a list is read, or is an *Error; what was read can be written.
func FuzzAnswers(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		c := newClient(t, &fake{answer: always(200, string(body))})
		a, err := c.Agents.Get(t.Context(), "a1")
		check(t, err)
		if err == nil {
			if _, err := Marshal(a); err != nil {
				t.Errorf("an agent that was read cannot be written: %v", err)
			}
		}
		check(t, second(c.Agents.Walk(t.Context())))
		check(t, second(c.PhoneNumbers.List(t.Context())))
		check(t, second(c.WhatsAppAccounts.PhoneNumbers(t.Context(), "w1")))
	})
}

// Whatever a server sends as an error becomes an *Error that can be shown.
func FuzzErrors(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		c := newClient(t, &fake{answer: always(400, string(body))})
		err := second(c.Agents.Get(t.Context(), "a1"))
		if err == nil {
			t.Fatal("no error")
		}
		check(t, err)
	})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%T: %v", err, err)
	}
	text := e.Error()
	if e.Message == "" || len([]rune(text)) > 1200 || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) }) {
		t.Errorf("not fit to be shown: %q", text)
	}
}
