package reliability

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of docs/reliability.md anew")

var document = filepath.Join("..", "..", "docs", "reliability.md")

// checkTable compares a table of the documentation with what the tests have found, or writes it there.
func checkTable(t *testing.T, name, table string) {
	t.Helper()
	begin, end := "<!-- "+name+": made by the tests -->\n", "<!-- end of "+name+" -->"
	b, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	i, j := strings.Index(text, begin), strings.Index(text, end)
	if i < 0 || j < i {
		t.Fatalf("%s has no table %q between %q and %q", document, name, begin, end)
	}
	i += len(begin)
	if text[i:j] == table {
		return
	}
	if !*update {
		t.Errorf("the table %q of %s is stale: run go test ./internal/reliability -update. It is\n%s\nand the tests found\n%s", name, document, text[i:j], table)
		return
	}
	if err := os.WriteFile(document, []byte(text[:i]+table+text[j:]), 0o600); err != nil {
		t.Fatal(err)
	}
}

// outcome is what came of one case, for the table.
type outcome struct {
	kind, fault string
	first, next string
}

// tally is what came of all cases of one kind of request and one fault.
type tally struct {
	cases       int
	first, next map[string]int
}

func (t *tally) String() string {
	return fmt.Sprintf("%d | %s | %s", t.cases, spread(t.first), spread(t.next))
}

// spread lists how often each came, or only what when it always came.
func spread(counts map[string]int) string {
	keys := slices.Sorted(maps.Keys(counts))
	if len(keys) == 1 {
		return keys[0]
	}
	for i, key := range keys {
		keys[i] = fmt.Sprintf("%s (%d)", key, counts[key])
	}
	return strings.Join(keys, ", ")
}

// faultTable shows outcomes by kind of request and fault. Faults of which the same came share a row.
func faultTable(all []outcome, order []fault) string {
	tallies := map[string]map[string]*tally{}
	for _, o := range all {
		if tallies[o.kind] == nil {
			tallies[o.kind] = map[string]*tally{}
		}
		entry := tallies[o.kind][o.fault]
		if entry == nil {
			entry = &tally{first: map[string]int{}, next: map[string]int{}}
			tallies[o.kind][o.fault] = entry
		}
		entry.cases++
		entry.first[o.first]++
		entry.next[o.next]++
	}
	var out strings.Builder
	names := make([]string, len(order))
	for i, f := range order {
		names[i] = f.name
	}
	fmt.Fprintf(&out, "%d cases. Faults: %s.\n\n", len(all), strings.Join(names, "; "))
	out.WriteString("| Request | Fault | Cases of each | The run | The next run |\n|---|---|---|---|---|\n")
	kinds := slices.SortedFunc(maps.Keys(tallies), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	})
	for _, kind := range kinds {
		names := map[string][]string{}
		var rows []string
		for _, f := range order {
			entry := tallies[kind][f.name]
			if entry == nil {
				continue
			}
			row := entry.String()
			if names[row] == nil {
				rows = append(rows, row)
			}
			names[row] = append(names[row], f.name)
		}
		for _, row := range rows {
			if n := len(names[row]); n > len(order)/2 {
				names[row] = []string{fmt.Sprintf("every other (%d faults)", n)}
			}
			fmt.Fprintf(&out, "| `%s` | %s | %s |\n", strings.ReplaceAll(kind, applying, "` while applying, `"), strings.Join(names[row], "; "), row)
		}
	}
	return strings.ReplaceAll(out.String(), ", ``", "")
}

// rank puts readings before writes, and these in the order of an apply.
func rank(kind string) int {
	method, path, _ := strings.Cut(kind, " ")
	switch {
	case method == "GET" && !strings.HasSuffix(path, applying):
		return 0
	case method == "GET":
		return 1
	case kind == "POST /agents/":
		return 2
	case method == "PATCH" || method == "PUT":
		return 3
	case method == "POST":
		return 4
	}
	return 5
}

// fateTable shows what became of the edits of a second writer.
func fateTable(fates map[string]map[string]int) string {
	order := []string{fateStands, fateTold, fateShown, fateUnseen, fateRefused}
	var out strings.Builder
	fmt.Fprintf(&out, "| Somebody else | %s |\n|---|%s\n", strings.Join(order, " | "), strings.Repeat("---|", len(order)))
	for _, e := range edits {
		fmt.Fprintf(&out, "| %s |", e.name)
		for _, fate := range order {
			fmt.Fprintf(&out, " %d |", fates[e.name][fate])
		}
		out.WriteString("\n")
	}
	return out.String()
}
