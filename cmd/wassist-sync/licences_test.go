package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// licences are told by sentences of their texts (SPDX identifiers, https://spdx.org/licenses).
// All but the last are permissive; a text that is none of these fails the test.
var licences = []struct {
	id    string
	texts []string
}{
	{"Apache-2.0", []string{"Apache License", "Version 2.0, January 2004"}},
	{"MIT", []string{"Permission is hereby granted, free of charge, to any person obtaining a copy"}},
	{"ISC", []string{"Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted"}},
	{"ISC", []string{"Permission to use, copy, modify, and distribute this software for any purpose with or without fee is hereby granted"}},
	{"BSD-3-Clause", []string{"Redistribution and use in source and binary forms", "may be used to endorse or promote products derived from this software"}},
	{"BSD-2-Clause", []string{"Redistribution and use in source and binary forms"}},
	{"MPL-2.0", []string{"Mozilla Public License Version 2.0"}},
}

// notPermissive are modules with a licence that asks for more, and why that does not
// reach this program.
var notPermissive = map[string]string{
	"github.com/cyphar/filepath-securejoin": "its files that are part of the program are all under BSD-3-Clause (its COPYING.md says which); those under MPL-2.0 are below pathrs-lite, which is not used",
	"pgregory.net/rapid":                    "used by tests only, unchanged, and never distributed",
}

var white = regexp.MustCompile(`\s+`)

// licenceOf reads the licence files at the top of a module.
func licenceOf(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, entry := range entries {
		name := strings.ToUpper(entry.Name())
		if entry.IsDir() || !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		text, id := white.ReplaceAllString(string(raw), " "), ""
		for _, l := range licences {
			if !slices.ContainsFunc(l.texts, func(part string) bool { return !strings.Contains(text, part) }) {
				id = l.id
				break
			}
		}
		if id == "" {
			return nil, fmt.Errorf("%s is none of the known licences: %.200s", entry.Name(), text)
		}
		if !slices.Contains(found, id) {
			found = append(found, id)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s has no licence file", dir)
	}
	return found, nil
}

// modules asks the go command which modules packages are built from, on each system
// that releases are made for: path, version, folder.
func modules(t *testing.T, args ...string) map[string][3]string {
	t.Helper()
	found := map[string][3]string{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}"}, args...)...)
		cmd.Dir, cmd.Env = projectRoot, append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
		}
		for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
			if parts := strings.Split(line, "\t"); len(parts) == 3 {
				found[parts[0]] = [3]string(parts)
			}
		}
	}
	return found
}

// TestLicences keeps docs/licences.md: every module that is part of the program or of
// its tests, with its licence. After a change of go.mod:
//
//	go test ./cmd/wassist-sync -run TestLicences -update
func TestLicences(t *testing.T) {
	for _, m := range []string{"linux", "darwin", "windows"} {
		cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "./cmd/wassist-sync")
		cmd.Dir, cmd.Env = projectRoot, append(os.Environ(), "GOOS="+m, "CGO_ENABLED=0")
		if out, err := cmd.Output(); err != nil || bytes.Contains(out, []byte("securejoin/pathrs-lite")) {
			t.Errorf("%s: pathrs-lite is part of the program (%v)", m, err)
		}
	}
	shipped, tested := modules(t, "./cmd/wassist-sync"), modules(t, "-test", "./...")
	table := func(all map[string][3]string, skip map[string][3]string) string {
		var lines []string
		for path, m := range all {
			if _, there := skip[path]; there {
				continue
			}
			ids, err := licenceOf(m[2])
			if err != nil {
				t.Errorf("%s: %v", path, err)
			}
			why, known := notPermissive[path]
			if slices.Contains(ids, "MPL-2.0") != known {
				t.Errorf("%s: %v, and a reason: %v", path, ids, known)
			}
			if known {
				why = ": " + why
			}
			lines = append(lines, fmt.Sprintf("| %s | %s | %s%s |\n", path, m[1], strings.Join(ids, ", "), why))
		}
		slices.Sort(lines)
		return "| Module | Version | Licence |\n|---|---|---|\n" + strings.Join(lines, "")
	}
	want := "# Licences\n\nwassist-sync itself is under the [licence of this repository](../LICENSE). This list is made by `go test ./cmd/wassist-sync -run TestLicences -update`, which reads the\n" +
		"licence files of the modules; the same test, without `-update`, fails when the list is stale, when a licence is none that it knows, and when one is not permissive and no reason stands beside it.\n\n" +
		"## In the program, on any system\n\n" + table(shipped, nil) + "\nThe program also holds Go's runtime and standard library (BSD-3-Clause).\n\n## In its tests only\n\n" + table(tested, shipped) +
		"\nThe tools that the checks run (`tools.mod`, `.ci`) are no part of the program, and are not listed.\n"
	file := filepath.Join(projectRoot, "docs", "licences.md")
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(got), "\r\n", "\n"), want); diff != "" {
		t.Errorf("docs/licences.md is stale; see this test's comment (-there +now):\n%s", diff)
	}
}
