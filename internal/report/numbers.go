package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"wassist-sync/spec"
	"wassist-sync/sync"
)

// Numbers is which numbers an organization has, who answers them, and which
// definitions deploy them.
type Numbers struct {
	Host      string
	Directory sync.Directory
	// Path is the folder of the definitions; empty when none were read.
	Path         string
	Definitions  []*spec.Agent
	RequestsMade int64
}

// numberRow is one number, with the definition that deploys it, if any.
type numberRow struct {
	sync.PhoneNumber
	claim   *spec.Deployment
	claimer *spec.Agent
	// missing: a definition deploys it, and the organization does not have it.
	missing bool
}

// rows lists the numbers in order, those that only definitions know at the end.
func (n *Numbers) rows() []numberRow {
	claims := map[string]numberRow{}
	for _, def := range n.Definitions {
		for i := range def.Deploy {
			claims[def.Deploy[i].Number] = numberRow{claim: &def.Deploy[i], claimer: def}
		}
	}
	var out []numberRow
	for _, number := range n.Directory.Numbers {
		row := claims[number.Number]
		row.PhoneNumber = number
		out = append(out, row)
		delete(claims, number.Number)
	}
	for number, row := range claims {
		row.missing, row.Number = true, number
		out = append(out, row)
	}
	slices.SortStableFunc(out, func(a, b numberRow) int {
		if a.missing != b.missing {
			if a.missing {
				return 1
			}
			return -1
		}
		return cmp.Compare(a.Number, b.Number)
	})
	return out
}

// asDefined tells whether the agent that a definition is about answers.
func (r *numberRow) asDefined() bool {
	return r.claimer != nil && r.AgentID != "" &&
		(strings.EqualFold(r.AgentID, r.claimer.ID) || r.claimer.ID == "" && strings.TrimSpace(r.AgentName) == r.claimer.Name)
}

// answerer says who gets a number's messages: never a webhook's URL.
func (r *numberRow) answerer() string {
	who := "nobody"
	switch {
	case r.missing:
		return "not a number of this organization"
	case r.AgentID != "":
		who = line(cmp.Or(r.AgentName, r.AgentID))
	case r.Webhook != "":
		who = "webhook " + line(r.Webhook)
	}
	if r.Sandbox {
		who += " (sandbox)"
	}
	return who
}

// NumbersText writes a table for people.
func NumbersText(w io.Writer, n Numbers, o TextOptions) error {
	var b bytes.Buffer
	p := newPrinter(&b, o)
	p.printf("%s %s\n\n", p.bold("Numbers:"), line(n.Host))
	rows := n.rows()
	wide := [2]int{}
	for i := range rows {
		wide[0] = max(wide[0], utf8.RuneCountInString(rows[i].Number))
		wide[1] = max(wide[1], utf8.RuneCountInString(rows[i].answerer()))
	}
	for i := range rows {
		r := &rows[i]
		p.printf("%s  ", p.bold(pad(line(r.Number), wide[0])))
		claim := ""
		switch {
		case r.claim != nil && r.asDefined():
			claim = "as defined in " + place(r.claim.Pos)
		case r.claim != nil:
			claim = fmt.Sprintf("%s deploys %s", place(r.claim.Pos), line(r.claimer.Name))
		case n.Path != "":
			claim = "in no definition"
		}
		if claim == "" {
			p.printf("%s\n", r.answerer())
			continue
		}
		p.printf("%s  %s\n", pad(r.answerer(), wide[1]), p.claimed(r, claim))
	}
	if len(rows) > 0 {
		p.printf("\n")
	}
	p.printf("%s\n", n.total(rows))
	_, err := w.Write(b.Bytes())
	return err
}

// claimed colours what a definition says by whether it is so.
func (p *printer) claimed(r *numberRow, claim string) string {
	switch {
	case r.claim == nil:
		return p.faint(claim)
	case r.missing || r.Sandbox:
		return p.red(claim)
	case r.asDefined():
		return p.green(claim)
	}
	return p.yellow(claim)
}

func (n *Numbers) total(rows []numberRow) string {
	silent, sandbox, defined, missing := 0, 0, 0, 0
	for i := range rows {
		r := &rows[i]
		switch {
		case r.missing:
			missing++
		case r.AgentID == "" && r.Webhook == "":
			silent++
		}
		if r.Sandbox {
			sandbox++
		}
		if r.asDefined() {
			defined++
		}
	}
	out := plural(len(n.Directory.Numbers), "number")
	for _, x := range []struct {
		n    int
		what string
	}{{silent, "that nobody answers"}, {sandbox, "of the sandbox"}, {defined, "as defined"}} {
		if x.n > 0 {
			out += fmt.Sprintf(", %d %s", x.n, x.what)
		}
	}
	out += "."
	if missing > 0 {
		out += fmt.Sprintf(" %d more in definitions.", missing)
	}
	return out
}

func place(pos spec.Position) string { return fmt.Sprintf("%s:%d", line(pos.File), pos.Line) }

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

type numbersJSON struct {
	FormatVersion int           `json:"formatVersion"`
	Target        targetJSON    `json:"target"`
	Numbers       []numberJSON  `json:"numbers"`
	Missing       []missingJSON `json:"missing"`
	RequestsMade  int64         `json:"requestsMade"`
}

type numberJSON struct {
	Number     string       `json:"number"`
	ID         *string      `json:"id"`
	Account    *string      `json:"account"`
	Sandbox    bool         `json:"sandbox"`
	Agent      *agentJSON   `json:"agent"`
	Webhook    *string      `json:"webhook"`
	Definition *claimerJSON `json:"definition"`
}

type agentJSON struct {
	ID   string  `json:"id"`
	Name *string `json:"name"`
}

type claimerJSON struct {
	Agent string `json:"agent"`
	File  string `json:"file"`
	Line  int    `json:"line"`
}

type missingJSON struct {
	Number     string       `json:"number"`
	Definition *claimerJSON `json:"definition"`
}

// NumbersJSON writes the same as one JSON object.
func NumbersJSON(w io.Writer, n Numbers) error {
	out := numbersJSON{
		FormatVersion: FormatVersion, Target: toTarget(sync.Target{Host: n.Host}),
		Numbers: []numberJSON{}, Missing: []missingJSON{}, RequestsMade: n.RequestsMade,
	}
	rows := n.rows()
	for i := range rows {
		r := &rows[i]
		var claimer *claimerJSON
		if r.claim != nil {
			claimer = &claimerJSON{Agent: r.claimer.Name, File: r.claim.Pos.File, Line: r.claim.Pos.Line}
		}
		if r.missing {
			out.Missing = append(out.Missing, missingJSON{Number: r.Number, Definition: claimer})
			continue
		}
		item := numberJSON{
			Number: r.Number, ID: optional(r.ID), Account: optional(r.Account), Sandbox: r.Sandbox, Webhook: optional(r.Webhook), Definition: claimer,
		}
		if r.AgentID != "" {
			item.Agent = &agentJSON{ID: r.AgentID, Name: optional(r.AgentName)}
		}
		out.Numbers = append(out.Numbers, item)
	}
	return encode(w, out)
}
