package main

import (
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
