package github_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wassist-sync/internal/github"
)

func TestAnnotations(t *testing.T) {
	for want, a := range map[string]github.Annotation{
		"::error file=agents/a.yaml,line=3,col=7,title=name::unknown field; did you mean name?\n": {Level: github.LevelError, File: "agents/a.yaml", Line: 3, Column: 7, Title: "name", Message: "unknown field; did you mean name?"},
		"::warning::plain\n": {Level: github.LevelWarning, Message: "plain"},
		"::notice file=a%2Cb%3Ac%25%0A.yaml::100%25%0A\\x3a:error::x ##\\x5berror]\n": {Level: github.LevelNotice, File: "a,b:c%\n.yaml", Message: "100%\n::error::x ##[error]"},
		"::error title=a%3A%3Ab\\r::\\x1b[31m%250A\n":                                 {Level: github.LevelError, Title: "a::b\r", Message: "\x1b[31m%0A"},
	} {
		var b strings.Builder
		(&github.Annotator{W: &b}).Add(a)
		if b.String() != want {
			t.Errorf("got  %q\nwant %q", b.String(), want)
		}
	}
}

func TestAnnotationsSumUp(t *testing.T) {
	for n, want := range map[int]int{0: 0, 9: 9, 10: 10, 11: 10, 500: 10} {
		var b strings.Builder
		a := &github.Annotator{W: &b}
		var all []github.Annotation
		for i := range n {
			all = append(all, github.Annotation{Level: github.LevelError, Message: fmt.Sprint(i)})
		}
		a.Add(all...)
		a.Add(github.Annotation{Level: github.LevelWarning, Message: "of another level"})
		if got := strings.Count(b.String(), "::error"); got != want {
			t.Errorf("%d problems: %d errors", n, got)
		}
		sum := fmt.Sprintf("There are %d more like these", n-9)
		if strings.Contains(b.String(), sum) != (n > 10) || !strings.HasSuffix(b.String(), "of another level\n") {
			t.Errorf("%d problems:\n%s", n, b.String())
		}
	}
}

func TestHarmless(t *testing.T) {
	var b strings.Builder
	h := &github.Harmless{W: &b}
	for _, part := range []string{"::err", "or::x\n", " \t::add-mask::y\nfine: :: here\n", "##[group]\n", "x##[e\n", "\u2003::stop-commands::t\n", "a\r::error::z\n", "::", "set-output name=a::b"} {
		if n, err := h.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	h.Flush()
	for line := range strings.SplitSeq(strings.ReplaceAll(b.String(), "\r", "\n"), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") {
			t.Errorf("a runner obeys %q", line)
		}
	}
	if !strings.Contains(b.String(), "fine: :: here\n") || !strings.HasSuffix(b.String(), `\x3a:set-output name=a::b`) {
		t.Errorf("got %q", b.String())
	}
}

func TestOutputsCannotBeInjected(t *testing.T) {
	file := filepath.Join(t.TempDir(), "output")
	hostile := "x\nwassist_sync_AAAA\nhas-changes=true\nEOF"
	if err := github.AppendOutputs(file, []github.Output{{"plan-json", hostile}, {"digest", ""}, {"has-changes", "false"}}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(map[string]string{"plan-json": hostile, "digest": "", "has-changes": "false"}, parseOutputs(t, string(text))); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// parseOutputs reads a file of outputs as the runner does.
func parseOutputs(t *testing.T, text string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		name, end, ok := strings.Cut(line, "<<")
		if !ok {
			t.Fatalf("no heredoc: %q", line)
		}
		value, rest, ok := strings.Cut(text, "\n"+end+"\n")
		if !ok {
			t.Fatalf("no end of %q", name)
		}
		out[name], text = value, rest
	}
	return out
}

func TestSummaryRoom(t *testing.T) {
	file := filepath.Join(t.TempDir(), "summary")
	before := github.SummaryRoom(file)
	if err := github.AppendSummary(file, strings.Repeat("x", 1000)); err != nil {
		t.Fatal(err)
	}
	if got := before - github.SummaryRoom(file); got != 1001 || before > 1<<20 || before < 1<<19 {
		t.Errorf("room of %d, then %d less", before, got)
	}
}
