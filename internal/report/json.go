package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf16"

	"wassist-sync/sync"
)

// FormatVersion is the version of the JSON form. Field names never change
// their meaning within a version.
const FormatVersion = 1

type planJSON struct {
	FormatVersion int             `json:"formatVersion"`
	Source        sourceJSON      `json:"source"`
	Target        targetJSON      `json:"target"`
	Summary       summaryJSON     `json:"summary"`
	Changes       []changeJSON    `json:"changes"`
	Held          []heldJSON      `json:"held"`
	Refused       []refusedJSON   `json:"refused"`
	Notes         []string        `json:"notes"`
	Unmanaged     []unmanagedJSON `json:"unmanaged"`
	Requests      requestsJSON    `json:"requests"`
	Digest        *string         `json:"digest"`
}

type sourceJSON struct {
	Path    string  `json:"path"`
	Commit  *string `json:"commit"`
	Dirty   bool    `json:"dirty"`
	History string  `json:"history"`
}

type targetJSON struct {
	Host         *string `json:"host"`
	Organization *string `json:"organization"`
	Env          *string `json:"env"`
}

type summaryJSON struct {
	Create    int `json:"create"`
	Update    int `json:"update"`
	Deploy    int `json:"deploy"`
	Undeploy  int `json:"undeploy"`
	Delete    int `json:"delete"`
	Unchanged int `json:"unchanged"`
	Unmanaged int `json:"unmanaged"`
	Held      int `json:"held"`
}

type changeJSON struct {
	Action sync.Action `json:"action"`
	Agent  string      `json:"agent"`
	ID     *string     `json:"id"`
	File   *string     `json:"file"`
	Line   *int        `json:"line"`
	Reason string      `json:"reason"`
	Digest *string     `json:"digest"`
	Fields []fieldJSON `json:"fields"`
}

type fieldJSON struct {
	Path      string     `json:"path"`
	Before    any        `json:"before"`
	After     any        `json:"after"`
	Sensitive bool       `json:"sensitive"`
	Cause     sync.Cause `json:"cause"`
	Commit    *string    `json:"commit"`
}

type heldJSON struct {
	Action sync.Action `json:"action"`
	Agent  string      `json:"agent"`
	ID     *string     `json:"id"`
	Reason string      `json:"reason"`
}

type refusedJSON struct {
	Rule     string  `json:"rule"`
	Agent    *string `json:"agent"`
	Reason   string  `json:"reason"`
	Liftable bool    `json:"liftable"`
}

type unmanagedJSON struct {
	Agent string  `json:"agent"`
	ID    *string `json:"id"`
}

type requestsJSON struct {
	Planned int     `json:"planned"`
	Seconds float64 `json:"seconds"`
}

type resultJSON struct {
	Action  sync.Action  `json:"action"`
	Agent   string       `json:"agent"`
	ID      *string      `json:"id"`
	Outcome sync.Outcome `json:"outcome"`
	Error   *string      `json:"error"`
}

type reportJSON struct {
	planJSON
	Results      []resultJSON `json:"results"`
	RequestsMade int64        `json:"requestsMade"`
	Seconds      float64      `json:"seconds"`
}

type failureJSON struct {
	FormatVersion int        `json:"formatVersion"`
	Source        sourceJSON `json:"source"`
	Target        targetJSON `json:"target"`
	Error         string     `json:"error"`
	RequestsMade  int64      `json:"requestsMade"`
}

// PlanJSON writes a plan as one JSON object.
func PlanJSON(w io.Writer, p *sync.Plan) error { return encode(w, toPlan(p)) }

// ReportJSON writes a plan and what became of it as one JSON object.
func ReportJSON(w io.Writer, r *sync.Report) error {
	out := reportJSON{planJSON: toPlan(r.Plan), Results: []resultJSON{}, RequestsMade: r.RequestsMade, Seconds: round(r.Elapsed.Seconds())}
	out.Notes = append(out.Notes, r.Notes...)
	if refused := r.Refused; refused != nil {
		out.Refused = append(out.Refused, toRefused(*refused))
	}
	for _, res := range r.Results {
		item := resultJSON{Action: res.Action, Agent: res.Agent, ID: optional(res.ID), Outcome: res.Outcome}
		if res.Err != nil {
			item.Error = optional(res.Err.Error())
		}
		out.Results = append(out.Results, item)
	}
	return encode(w, out)
}

// FailureJSON writes the object of a run that ended before there was a plan,
// so that whoever reads the output always finds one object in it.
func FailureJSON(w io.Writer, source sync.Source, target sync.Target, err error, requestsMade int64) error {
	return encode(w, failureJSON{FormatVersion: FormatVersion, Source: toSource(source), Target: toTarget(target), Error: err.Error(), RequestsMade: requestsMade})
}

func encode(w io.Writer, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, spell(b.String()))
	return err
}

// spell writes what could steer a terminal or a CI runner as JSON escapes: what
// a program reads stays the same, and the text can be printed as it is.
func spell(s string) string {
	var b strings.Builder
	for _, r := range strings.ReplaceAll(s, "##[", `##\u005b`) {
		if !hidden(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

func toPlan(p *sync.Plan) planJSON {
	out := planJSON{
		FormatVersion: FormatVersion,
		Source:        toSource(p.Source),
		Target:        toTarget(p.Target),
		Summary:       summaryJSON(p.Summary()),
		Changes:       []changeJSON{}, Held: []heldJSON{}, Refused: []refusedJSON{}, Unmanaged: []unmanagedJSON{},
		Notes:    append([]string{}, p.Notes...),
		Requests: requestsJSON{Planned: p.Requests.Planned, Seconds: round(p.Requests.Seconds)},
		Digest:   optional(p.Digest),
	}
	for i := range p.Changes {
		out.Changes = append(out.Changes, toChange(&p.Changes[i]))
	}
	for _, h := range p.Held {
		out.Held = append(out.Held, heldJSON{Action: h.Action, Agent: h.Agent, ID: optional(h.ID), Reason: h.Reason})
	}
	for _, r := range p.Refused {
		out.Refused = append(out.Refused, toRefused(r))
	}
	for _, u := range p.Unmanaged {
		out.Unmanaged = append(out.Unmanaged, unmanagedJSON{Agent: u.Agent, ID: optional(u.ID)})
	}
	return out
}

func toRefused(r sync.Refusal) refusedJSON {
	return refusedJSON{Rule: r.Rule, Agent: optional(r.Agent), Reason: r.Reason, Liftable: r.Liftable}
}

func toChange(c *sync.Change) changeJSON {
	out := changeJSON{
		Action: c.Action, Agent: c.Agent, ID: optional(c.ID), File: optional(c.Pos.File),
		Reason: c.Reason, Digest: optional(c.Digest), Fields: []fieldJSON{},
	}
	if c.Pos.Line > 0 {
		out.Line = &c.Pos.Line
	}
	for _, f := range c.Fields {
		item := fieldJSON{Path: f.Path, Sensitive: f.Sensitive, Cause: f.Cause, Commit: optional(f.Commit)}
		if !f.Sensitive {
			item.Before, item.After = f.Before, f.After
		}
		out.Fields = append(out.Fields, item)
	}
	return out
}

func toSource(s sync.Source) sourceJSON {
	return sourceJSON{Path: s.Path, Commit: optional(s.Commit), Dirty: s.Dirty, History: s.History}
}

func toTarget(t sync.Target) targetJSON {
	return targetJSON{Host: optional(t.Host), Organization: optional(t.Organization), Env: optional(t.Environment)}
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// round keeps milliseconds: more would only be noise to compare.
func round(seconds float64) float64 { return math.Round(seconds*1000) / 1000 }
