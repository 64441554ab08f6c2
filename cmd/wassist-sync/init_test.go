package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What init writes is what the documentation shows.
func TestInitEqualsDocumentation(t *testing.T) {
	for _, c := range []struct{ embedded, page, language, has string }{
		{"wassist.yml", "github.md", "yaml", "# .github/workflows/wassist.yml\n"},
		{"settings.json", "editors.md", "json", "yaml.customTags"},
		{"extensions.json", "editors.md", "json", "recommendations"},
	} {
		page, err := os.ReadFile(filepath.Join("..", "..", "docs", c.page))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, block := range regexp.MustCompile("(?ms)^```"+c.language+"\n(.*?)^```").FindAllStringSubmatch(string(page), -1) {
			found = found || strings.Contains(block[1], c.has) && block[1] == string(begun("", c.embedded).content)
		}
		if !found {
			t.Errorf("docs/%s does not show init/%s as it is", c.page, c.embedded)
		}
	}
}

// The workflow for another folder differs in the places that name it, and has no
// variables.
func TestWorkflowFor(t *testing.T) {
	text := string(begun("", "wassist.yml").content)
	plain := string(workflowFor([]byte(text), "agents"))
	if strings.Contains(plain, "variables:") || strings.Contains(plain, "ORDERS_TOKEN") || strings.Count(plain, "path: agents\n") != 3 {
		t.Errorf("for agents:\n%s", plain)
	}
	other := string(workflowFor([]byte(text), "my shop/agents"))
	if strings.Count(other, `path: "my shop/agents"`) != 3 || !strings.Contains(other, `"my shop/agents/**"`) {
		t.Errorf("for another folder:\n%s", other)
	}
	if back := strings.NewReplacer(`"my shop/agents"`, "agents", "my shop/agents", "agents").Replace(other); back != plain {
		t.Errorf("for another folder, more differs:\n%s", other)
	}
	if top := string(workflowFor([]byte(text), ".")); !strings.Contains(top, `paths: ["**", `) {
		t.Errorf("for the top:\n%s", top)
	}
}

// A link in a repository may lead anywhere: init writes nothing through it that
// lies outside, and sees the definitions of a folder behind one inside.
func TestInitAndLinks(t *testing.T) {
	top := t.TempDir()
	outside := t.TempDir()
	link := func(to, name string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(top, name)); err != nil {
			t.Skip(err)
		}
	}
	link(outside, ".github")
	link("nowhere", ".vscode")
	link("real", "agents")
	if err := os.Mkdir(filepath.Join(top, "real"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := func(names ...string) beginning {
		return beginning{filepath.Join(append([]string{top}, names...)...), []byte("x")}
	}
	for _, f := range []beginning{file(".github", "workflows", "wassist.yml"), file(".github", "a"), file(".vscode", "settings.json")} {
		if err := writeBeginning(top, f); err == nil || errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), f.name) {
			t.Errorf("%s: %v", f.name, err)
		}
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) > 0 {
		t.Errorf("outside: %v, %v", entries, err)
	}
	agents := filepath.Join(top, "agents")
	if has, err := hasDefinitions(agents); has || err != nil {
		t.Errorf("an empty folder behind a link has definitions: %v, %v", has, err)
	}
	if err := writeBeginning(top, file("agents", "a.yaml")); err != nil {
		t.Error(err)
	}
	if err := writeBeginning(top, file("agents", "a.yaml")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("written again: %v", err)
	}
	if has, err := hasDefinitions(agents); !has || err != nil {
		t.Errorf("a folder behind a link has no definitions: %v, %v", has, err)
	}
	if entries, err := os.ReadDir(agents); err != nil || len(entries) != 1 {
		t.Errorf("beside the file: %v, %v", entries, err)
	}
	if has, err := hasDefinitions(filepath.Join(top, "none")); has || err != nil {
		t.Errorf("a folder that is not there: %v, %v", has, err)
	}
}
