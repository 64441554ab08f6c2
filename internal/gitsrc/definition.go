package gitsrc

import (
	"fmt"
	"strings"

	"wassist-sync/spec"
)

// Agent reads the definition as it stood in this version, !env unresolved. The
// caller may change it: each call reads anew. Of a file that holds many
// documents only this one is parsed, so that reading all of them, in all
// versions of the file, takes no longer than they are long.
func (v *Version) Agent() (*spec.Agent, error) {
	text, err := v.r.lines(v.facts.blob)
	if err != nil {
		return nil, err
	}
	chunk := v.facts.chunk
	view := &fileView{
		tree: treeFS{trees: v.r.trees, root: v.facts.of.root}, dir: v.dir, env: v.env, file: v.File,
		excerpt: []byte(strings.Join(text[chunk.from:chunk.till], "\n") + "\n"),
	}
	agents, err := parseFile(view)
	if view.broken != nil {
		return nil, view.broken
	}
	if err != nil {
		return nil, err
	}
	if len(agents) != 1 {
		return nil, fmt.Errorf("%s:%d: %d definitions stand where one stood; the repository is damaged (git fsck tells more)", v.File, v.facts.line, len(agents))
	}
	moveDown(agents[0], chunk.from)
	return agents[0], nil
}

// moveDown corrects the positions of a definition that was read without the
// lines before it.
func moveDown(a *spec.Agent, lines int) {
	a.Pos.Line += lines
	a.NamePos.Line += lines
	for i := range a.Deploy {
		a.Deploy[i].Pos.Line += lines
	}
	var value func(v *spec.Value)
	value = func(v *spec.Value) {
		if v == nil {
			return
		}
		v.Pos.Line += lines
		for _, item := range v.Items {
			value(item)
		}
		for i, m := range v.Members {
			pos := m.Pos()
			pos.Line += lines
			v.Members[i] = spec.MemberAt(m.Key, pos, m.Value)
			value(m.Value)
		}
	}
	value(a.Fields)
}
