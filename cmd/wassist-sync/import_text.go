package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	slashpath "path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"wassist-sync/internal/report"
	"wassist-sync/sync"
)

// listCandidates says which agents could be imported, and how.
func (c console) listCandidates(flags *importFlags, found *sync.Import) error {
	if flags.format == formJSON {
		if err := c.importJSON("", found, &importDone{}); err != nil {
			return err
		}
		return usage("say which agents to import: --agent NAME|ID, or --all")
	}
	if len(found.Candidates) == 0 {
		fmt.Fprintf(c.out, "Nothing to import: %s.\n", allDefined(found))
		return nil
	}
	var b strings.Builder
	w := section{&b}
	w.head(fmt.Sprintf("%s without a definition%s:", count(len(found.Candidates), "agent"), ofOrganization(found)), 1)
	var rows [][2]string
	for _, a := range found.Candidates {
		rows = append(rows, [2]string{a.Agent, a.ID})
	}
	w.rows(rows)
	if _, err := fmt.Fprintln(c.out, b.String()); err != nil {
		return err
	}
	return usage("say which agents to import: --agent NAME|ID, which can be repeated, or --all")
}

func ofOrganization(found *sync.Import) string {
	if found.Organization.Name == "" {
		return ""
	}
	return " in " + report.Line(found.Organization.Name)
}

func allDefined(found *sync.Import) string {
	switch n := len(found.Defined); n {
	case 0:
		return "there is no agent"
	case 1:
		return "the 1 agent has a definition"
	default:
		return fmt.Sprintf("all %d agents have a definition", n)
	}
}

// tellImport says what was written, also when failed tells that not all was.
func (c console) tellImport(flags *importFlags, folder string, found *sync.Import, done *importDone, failed error) error {
	if flags.format == formJSON {
		return c.importJSON(folder, found, done)
	}
	var b strings.Builder
	w := section{&b}
	var rows [][2]string
	for _, made := range done.written {
		rows = append(rows, [2]string{made.Agent, strings.Join(filesOf(folder, made), ", ")})
	}
	w.head(fmt.Sprintf("Imported %s into %s:", count(len(rows), "agent"), filepath.ToSlash(folder)), len(rows))
	w.rows(rows)
	rows = nil
	for _, d := range found.Defined {
		if done.isPinned(d) {
			rows = append(rows, [2]string{d.Agent, d.Definition.Pos.String()})
		}
	}
	w.head("Pinned:", len(rows))
	w.rows(rows)
	rows = nil
	for _, d := range found.Defined {
		switch err := done.stale[d.Definition]; {
		case err != nil:
			rows = append(rows, [2]string{d.Agent, fmt.Sprintf("%s; not pinned: %v. Write it there yourself: id: %s", d.Definition.Pos, err, d.ID)})
		case !done.isPinned(d):
			rows = append(rows, [2]string{d.Agent, d.Definition.Pos.String()})
		}
	}
	w.head("Defined already, left as they are:", len(rows))
	w.rows(rows)
	w.head("Not in the definitions:", len(found.Notes))
	for _, n := range found.Notes {
		fmt.Fprintf(&b, "  %s\n", report.Line(noteText(n)))
	}
	rows = nil
	for _, v := range variablesOf(done) {
		where := v.Places[0]
		if more := len(v.Places) - 1; more > 0 {
			where += fmt.Sprintf(", and %d more", more)
		}
		rows = append(rows, [2]string{v.Name, v.Agent + ": " + where})
	}
	w.head("Secrets are not in the files. Set these variables before plan and apply:", len(rows))
	w.rows(rows)
	if len(done.written)+len(done.pinned) == 0 && failed == nil {
		w.head("Nothing to import.", 1)
	}
	if len(done.written) > 0 && failed == nil {
		where := quoteWord(filepath.ToSlash(folder))
		if env := flags.source.env; env != "" {
			where = "--env " + quoteWord(env) + " " + where
		}
		w.head(fmt.Sprintf("Next: look at the files, run wassist-sync plan %s, which should find nothing to do, and commit.", where), 1)
	}
	_, err := io.WriteString(c.out, b.String())
	return err
}

// section writes paragraphs of lines below a head.
type section struct{ b *strings.Builder }

func (s section) head(text string, lines int) {
	if lines == 0 {
		return
	}
	if s.b.Len() > 0 {
		s.b.WriteString("\n")
	}
	s.b.WriteString(text + "\n")
}

// rows writes two columns.
func (s section) rows(rows [][2]string) {
	width := 0
	for i := range rows {
		rows[i][0], rows[i][1] = report.Line(rows[i][0]), report.Line(rows[i][1])
		width = max(width, utf8.RuneCountInString(rows[i][0]))
	}
	for _, row := range rows {
		fmt.Fprintf(s.b, "  %s%s  %s\n", row[0], strings.Repeat(" ", width-utf8.RuneCountInString(row[0])), row[1])
	}
}

func noteText(n sync.ImportNote) string {
	if n.Field == "" {
		return n.Agent + " " + n.Text
	}
	return n.Agent + ": " + n.Field + ": " + n.Text
}

// filesOf names the files of a definition as the user would.
func filesOf(folder string, made sync.Imported) []string {
	files := []string{slashpath.Join(filepath.ToSlash(folder), made.File)}
	if made.Prompt != "" {
		files = append(files, slashpath.Join(filepath.ToSlash(folder), made.Prompt))
	}
	return files
}

func variablesOf(done *importDone) []sync.Variable {
	var out []sync.Variable
	for _, made := range done.written {
		out = append(out, made.Variables...)
	}
	return out
}

// Forms of import's JSON, version 1; see docs/import.md.
type (
	importJSON struct {
		FormatVersion int                  `json:"formatVersion"`
		Imported      []importedJSON       `json:"imported"`
		Pinned        []definedJSON        `json:"pinned"`
		Defined       []definedJSON        `json:"defined"`
		Candidates    []importAgentJSON    `json:"candidates"`
		Notes         []importNoteJSON     `json:"notes"`
		Variables     []importVariableJSON `json:"variables"`
	}
	importAgentJSON struct {
		Agent string `json:"agent"`
		ID    string `json:"id"`
	}
	importedJSON struct {
		importAgentJSON
		Files []string `json:"files"`
	}
	definedJSON struct {
		importAgentJSON
		File string `json:"file"`
		Line int    `json:"line"`
	}
	importNoteJSON struct {
		importAgentJSON
		Field *string `json:"field"`
		Text  string  `json:"text"`
	}
	importVariableJSON struct {
		Name string `json:"name"`
		importAgentJSON
		Fields []string `json:"fields"`
	}
)

func (c console) importJSON(folder string, found *sync.Import, done *importDone) error {
	out := importJSON{
		FormatVersion: report.FormatVersion,
		Imported:      []importedJSON{}, Pinned: []definedJSON{}, Defined: []definedJSON{}, Candidates: []importAgentJSON{},
		Notes: []importNoteJSON{}, Variables: []importVariableJSON{},
	}
	for _, made := range done.written {
		out.Imported = append(out.Imported, importedJSON{importAgentJSON{made.Agent, made.ID}, filesOf(folder, made)})
	}
	for _, d := range found.Defined {
		if done.isPinned(d) {
			out.Pinned = append(out.Pinned, asDefined(d))
		}
		out.Defined = append(out.Defined, asDefined(d))
		if err := done.stale[d.Definition]; err != nil {
			out.Notes = append(out.Notes, importNoteJSON{importAgentJSON{d.Agent, d.ID}, nil, err.Error()})
		}
	}
	for _, a := range found.Candidates {
		out.Candidates = append(out.Candidates, importAgentJSON{a.Agent, a.ID})
	}
	for _, n := range found.Notes {
		note := importNoteJSON{importAgentJSON{n.Agent, n.ID}, nil, n.Text}
		if n.Field != "" {
			note.Field = &n.Field
		}
		out.Notes = append(out.Notes, note)
	}
	for _, v := range variablesOf(done) {
		out.Variables = append(out.Variables, importVariableJSON{v.Name, importAgentJSON{v.Agent, v.ID}, v.Places})
	}
	e := json.NewEncoder(c.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(out); err != nil {
		return errors.Join(errors.New("writing the result"), err)
	}
	return nil
}

func asDefined(d sync.Defined) definedJSON {
	return definedJSON{importAgentJSON{d.Agent, d.ID}, d.Definition.Pos.File, d.Definition.Pos.Line}
}
