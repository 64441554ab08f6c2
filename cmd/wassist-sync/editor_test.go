package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEditorExplore(t *testing.T) {
	if *languageServerPath == "" {
		t.Skip("no -yaml-language-server")
	}
	root, _ := filepath.Abs("../..")
	dir := t.TempDir()
	s := startLanguageServer(t, dir, map[string]any{
		"yaml.validate": true, "yaml.hover": true, "yaml.completion": true,
		"yaml.schemaStore.enable": false, "yaml.kubernetesCRDStore.enable": false,
		"yaml.customTags": []string{"!file scalar", "!env scalar", "!var scalar"},
		"yaml.schemas": map[string]any{
			fileURI(root + "/schema/agent.schema.json"):       []string{"agents/**/*.yaml", "agents/**/*.yml", "!agents/wassist-sync.yaml", "!agents/environments/**"},
			fileURI(root + "/schema/settings.schema.json"):    []string{"agents/wassist-sync.yaml"},
			fileURI(root + "/schema/environment.schema.json"): []string{"agents/environments/*.yaml"},
		},
	})
	try := func(name, text string) {
		fmt.Println("-----", name)
		for _, l := range s.open(filepath.Join(dir, name), text) {
			fmt.Println("   ", l)
		}
	}
	for i, text := range []string{
		"name: A\ndescription: !var X\nsystemPrompt: !file x.md\ntools:\n  - name: x\n    description: !env X\n    active: !var ASK\n    creditCost: !var N\n    apiSchema: {method: !var M, url: !env \"${X}/a\"}\n",
		"nam: A\n", "name: A\nsytemPrompt: x\n", "name: A\ntools:\n  - name: x\n    active: yes\n    description: y\n    apiSchema: {method: get, url: x}\n",
		"name: A\nhandoffTools:\n  - description: x\n", "name: A\nhandoffTools:\n  - description: x\n    agent: B\n    childAgentId: 3f0c8a52-6d1e-4f0b-9a57-2f1f6f0f7c11\n",
		"name: A\ndescription: [a]\n", "name: A\ntools: {}\n", "name: A\nid: 12\nllmModel: null\nlifecycle: {preventDestroy: null}\n",
		"name: A\n---\nname: B\nfoo: 1\n",
		"name: A\ntools:\n  - name: x\n    description: y\n    apiSchema:\n      method: GET\n      url: https://x.example\n      request_headers:\n        A: {input: {type: value, description: x}}\n        B: {input: {type: value}}\n        C: {input: {type: valu, value: x}}\n",
		"name: A\nmemoryKeys:\n  - key: a\n    type: boolean\n    initialValue: false\n    whenToUpdate: 12\n",
		"name: A\ncreditSettings: {initialCredits: -1}\nmcpConfigs: [{connector: x, toolWhitelist: []}]\n",
		"name: A\nid: !foo x\n",
	} {
		try(fmt.Sprintf("agents/%d.yaml", i), text)
	}
	try("agents/wassist-sync.yaml", "prune: manage\nmaxDeletes: 20%\nrate: 100/1m\nname: x\n")
	try("agents/environments/a.yaml", "prune: all\nvars: {A: 1, B: [x]}\n")
	for i, text := range []string{
		"name: A\ntools:\n  - name: x\n    active: §\n", "name: A\ntools:\n  - name: x\n    apiSchema:\n      method: §\n", "name: A\n§\n", "name: A\nllmModel: §\n",
		"name: A\ndes§\n", "name: A\nhandoffTools:\n  - §\n", "name: A\nmemoryKeys:\n  - type: §\n", "name: A\ntools:\n  - name: x\n    d§\n",
		"name: A\ntools:\n  - name: x\n    apiSchema:\n      path_params:\n        a: {input: {type: §}}\n",
	} {
		p := filepath.Join(dir, fmt.Sprintf("agents/c%d.yaml", i))
		before, after, _ := strings.Cut(text, "§")
		s.open(p, before+after)
		line := strings.Count(before, "\n")
		fmt.Println(i, s.complete(p, line, len(before)-strings.LastIndex(before, "\n")-1))
	}
	c := filepath.Join(dir, "agents/c.yaml")
	s.open(c, "name: A\ntools:\n  - name: x\n    active: true\n    apiSchema:\n      method: GET\n      request_headers:\n        A: {input: {type: value, value: b}}\n")
	fmt.Println("hover", s.hover(c, 0, 1), "|", s.hover(c, 2, 5), "|", s.hover(c, 3, 6), "|", s.hover(c, 7, 8), s.hover(c, 7, 40))
	for _, text := range []string{"# yaml-language-server: $schema=X\nname: A\n---\n# yaml-language-server: $schema=X\n\nname: B\nfoo: 1\n", "# yaml-language-server: $schema=X\n# a\n\n# yaml\nname: A\nfoo: 1\n", "# b\n# yaml-language-server: $schema=X\n\nname: A\nfoo: 1\n", "# yaml-language-server: $schema=X\nname: A\nfoo: 1\n---\nname: B\nfoo: 1\n"} {
		p := filepath.Join(dir, "a"+fmt.Sprint(len(text))+".yaml")
		fmt.Println("modeline", s.open(p, strings.ReplaceAll(text, "X", fileURI(root+"/schema/agent.schema.json"))))
	}
	for _, f := range []string{"front-desk.yaml", "web-shop.yaml", "trade/trade-desk.yaml"} {
		p := filepath.Join(root, "agents.example", f)
		b, _ := os.ReadFile(p)
		fmt.Println(f, s.open(p, "# yaml-language-server: $schema="+map[bool]string{true: "../../", false: "../"}[filepath.Dir(f) != "."]+"schema/agent.schema.json\n"+string(b)+"\n---\nname: Z\nfoo: 1\n"), s.hover(p, 6, 2))
	}
}
