package spec

import "strings"

// envMark begins what stands for an !env value that is compared by its tag. No
// definition can write it: YAML has no NUL.
const envMark = "\x00!env "

// TakeTags fills in every !env value with what its tag says, and with nothing of
// the environment: for comparing definitions where the values are not known. Two
// such values are equal when their tags say the same. They stay sensitive, and
// are not to be written anywhere.
func (a *Agent) TakeTags() {
	walk(a.Fields, func(v *Value) {
		if v.Unresolved() {
			v.Text, v.tag = envMark+v.env().text(), nil
		}
	})
}

// text writes the template out, with ${NAME} for the bare form too.
func (t *envTemplate) text() string {
	var b strings.Builder
	for _, part := range t.parts {
		switch {
		case part.name == "":
			b.WriteString(part.literal)
		case part.hasDefault:
			b.WriteString("${" + part.name + ":-" + part.fallback + "}")
		default:
			b.WriteString("${" + part.name + "}")
		}
	}
	return b.String()
}
