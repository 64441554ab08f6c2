package serve

import (
	"html/template"
	"strings"
	gosync "sync"
	"time"

	"wassist-sync/internal/report"
	"wassist-sync/sync"
)

// How much of a plan the page shows: a prompt may be long, and a plan of a thousand
// agents makes megabytes that nobody reads here.
const (
	shownEntries = 50
	shownBytes   = 256 << 10
	// readBytes is how much text is compared for it: most of a long one that
	// changed is the same, and is left out.
	readBytes = 4 * shownBytes
)

// pageCache keeps the plan of each target as it is shown, until the next run: it is
// made when somebody looks, and not again for each look.
type pageCache struct {
	lock  gosync.Mutex
	plans map[string]shownPlan
}

type shownPlan struct {
	of   time.Time // when the run ended
	id   string
	html template.HTML
}

// plan is a target's plan, or what became of it. It is empty when there is none.
func (c *pageCache) plan(s *TargetState, id string) template.HTML {
	if s.Plan == nil && s.Report == nil || len(s.Runs) == 0 {
		return ""
	}
	// One at a time: a crowd of lookers is not to make one plan many times over.
	c.lock.Lock()
	defer c.lock.Unlock()
	of := s.Runs[0].Ended
	if p, ok := c.plans[s.Name]; ok && p.of.Equal(of) && p.id == id {
		return p.html
	}
	html, err := shortened(s.Plan, s.Report, id)
	if err != nil {
		html = template.HTML("<p>The plan cannot be shown.</p>")
	}
	if c.plans == nil {
		c.plans = map[string]shownPlan{}
	}
	c.plans[s.Name] = shownPlan{of, id, html}
	return html
}

// shortened shows as much of a plan as fits: half as many entries until it does.
func shortened(plan *sync.Plan, r *sync.Report, id string) (template.HTML, error) {
	if r != nil {
		plan = r.Plan
	}
	for most := min(readable(plan.Changes), longest(plan, r)); most > 0; most /= 2 {
		o := report.HTMLOptions{ID: id, Most: most}
		body, err := fragment(plan, r, o)
		if err != nil || len(body) <= shownBytes {
			return lower(body), err
		}
	}
	return "<p>The plan is too long for this page: <code>wassist-sync plan --format html</code> shows it.</p>", nil
}

// longest is the number of entries of the longest list: more would change nothing.
func longest(plan *sync.Plan, r *sync.Report) int {
	n := max(1, len(plan.Changes), len(plan.Held), len(plan.Refused), len(plan.Notes), len(plan.Unmanaged))
	if r != nil {
		n = max(n, len(r.Results), len(r.Notes)+len(plan.Notes))
	}
	return n
}

func fragment(plan *sync.Plan, r *sync.Report, o report.HTMLOptions) (template.HTML, error) {
	if r != nil {
		return report.ReportHTMLBody(r, o)
	}
	return report.PlanHTMLBody(plan, o)
}

// readable is how many entries are tried at first: fewer where the first changes
// hold much text.
func readable(changes []sync.Change) int {
	total := 0
	for i := range changes {
		for _, f := range changes[i].Fields {
			total += weight(f.Before) + weight(f.After)
		}
		if i == shownEntries || total > readBytes {
			return i
		}
	}
	return shownEntries
}

// weight is how much text a value holds.
func weight(value any) int {
	n := 0
	switch v := value.(type) {
	case string:
		n = len(v)
	case []any:
		for _, e := range v {
			n += weight(e)
		}
	case map[string]any:
		for key, e := range v {
			n += len(key) + weight(e)
		}
	}
	return n
}

// lower puts a plan's headings below those of the page, for whoever is read to.
// What is a tag is ours: the plan's own texts have none left.
func lower(plan template.HTML) template.HTML {
	return template.HTML(headings.Replace(string(plan))) //nolint:gosec // a plan's fragment, escaped by its templates
}

var headings = strings.NewReplacer("<h2 ", `<h2 aria-level="4" `, "<h3>", `<h3 aria-level="5">`)

// keep drops the plans of targets that are no more.
func (c *pageCache) keep(names map[string]bool) {
	c.lock.Lock()
	defer c.lock.Unlock()
	for name := range c.plans {
		if !names[name] {
			delete(c.plans, name)
		}
	}
}
