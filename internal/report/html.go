package report

import (
	"bytes"
	"cmp"
	"embed"
	"html/template"
	"io"

	"wassist-sync/sync"
)

// HTMLOptions steer the HTML form.
type HTMLOptions struct {
	// Title is the page's title and first heading; "Plan" or "Report" without.
	Title string
	// ID begins the ids in a fragment, so that a page can hold several; "plan"
	// without.
	ID string
	// Most is how many entries of each section a fragment shows; the rest is
	// counted. Without, all are shown, as on a page.
	Most int
}

//go:embed html
var htmlFiles embed.FS

// pages are the templates. The style sheet is one of them: it stands in the
// page, which loads nothing.
var pages = template.Must(template.ParseFS(htmlFiles, "html/*"))

// Stylesheet is the CSS of pages and fragments. Fragments are styled below the
// class wassist-plan only.
func Stylesheet() template.CSS {
	css, err := htmlFiles.ReadFile("html/style.css")
	if err != nil {
		panic(err) // it was there when the program was built
	}
	return template.CSS(css) //nolint:gosec // our own file, built in
}

// PlanHTML writes a plan as one page that needs nothing else: no script, no
// font, no picture, and a policy that forbids them.
func PlanHTML(w io.Writer, plan *sync.Plan, o HTMLOptions) error {
	o.Title, o.Most = cmp.Or(o.Title, "Plan"), 0
	return execute(w, "page.html", planView(plan, o.withID()))
}

// PlanHTMLBody gives a plan as a fragment for another page, which needs the
// Stylesheet. Its headings begin with h2.
func PlanHTMLBody(plan *sync.Plan, o HTMLOptions) (template.HTML, error) {
	return fragment(planView(plan, o.withID()))
}

// ReportHTML writes what became of a plan as one page, with the plan.
func ReportHTML(w io.Writer, r *sync.Report, o HTMLOptions) error {
	o.Title, o.Most = cmp.Or(o.Title, "Report"), 0
	return execute(w, "page.html", reportView(r, o.withID()))
}

// ReportHTMLBody gives what became of a plan as a fragment for another page,
// like PlanHTMLBody.
func ReportHTMLBody(r *sync.Report, o HTMLOptions) (template.HTML, error) {
	return fragment(reportView(r, o.withID()))
}

func (o HTMLOptions) withID() HTMLOptions {
	o.ID = cmp.Or(o.ID, "plan")
	return o
}

func fragment(v *htmlView) (template.HTML, error) {
	var b bytes.Buffer
	if err := execute(&b, "body.html", v); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil //nolint:gosec // a template of ours escaped it
}

// execute writes nothing unless the whole could be rendered.
func execute(w io.Writer, name string, v *htmlView) error {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, v); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}
