package report

import "wassist-sync/sync"

// sensitive stands for a value that is in no plan.
const sensitive = "(sensitive)"

// form is the way in which a field is shown. Every output agrees on it.
type form int

const (
	formSensitive form = iota // that it differs, and never how
	formParts                 // a value with parts: one line a part
	formText                  // a text that is long, or has several lines
	formValue                 // on one line
)

func formOf(f *sync.Field) form {
	before, after := texts(f)
	switch {
	case f.Sensitive:
		return formSensitive
	case isObject(f.Before) || isObject(f.After):
		return formParts
	case long(before) || long(after):
		return formText
	}
	return formValue
}

// texts gives a field's values as far as they are texts.
func texts(f *sync.Field) (before, after string) {
	before, _ = f.Before.(string)
	after, _ = f.After.(string)
	return before, after
}

// markOf says with one sign whether a field comes, changes or goes.
func markOf(f *sync.Field, create bool) string {
	switch {
	case create:
		return "+"
	case f.Sensitive, f.Unread:
		return "~"
	case f.Before == nil:
		return "+"
	case f.After == nil:
		return "-"
	}
	return "~"
}

// causeOf says whose edit a field replaces; empty when history cannot tell.
func causeOf(f *sync.Field) string {
	switch {
	case f.Unread:
		return "what stands there is not known"
	case f.Cause == sync.CauseWassist:
		return "edited on Wassist"
	case f.Cause == sync.CauseGit && f.Commit != "":
		return "as of " + short(f.Commit)
	case f.Cause == sync.CauseGit:
		return "an earlier version"
	}
	return ""
}

// lengths says how long a text was and will be.
func lengths(before, after string) string {
	switch {
	case before == "":
		return characters(after)
	case after == "":
		return characters(before) + " → empty"
	}
	return characters(before) + " → " + characters(after)
}
