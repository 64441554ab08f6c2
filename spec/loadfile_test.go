package spec

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLoadFile(t *testing.T) {
	for _, c := range []struct {
		name string
		src  string   // agents/sub/a.yaml
		want []string // name, place and systemPrompt of each agent
		bad  []string // problems
	}{
		{name: "in the order of the file, not of names",
			src:  "name: C\n---\nname: A\n---\n\nname: B\n",
			want: []string{"C agents/sub/a.yaml:1:1 ", "A agents/sub/a.yaml:3:1 ", "B agents/sub/a.yaml:6:1 "}},
		{name: "a name twice", src: "name: A\n---\nname: A\n",
			want: []string{"A agents/sub/a.yaml:1:1 ", "A agents/sub/a.yaml:3:1 "}},
		{name: "an id twice", src: "name: A\nid: " + id1 + "\n---\nname: B\nid: " + id1 + "\n",
			want: []string{"A agents/sub/a.yaml:1:1 ", "B agents/sub/a.yaml:4:1 "}},
		{name: "a number twice", src: "name: A\ndeploy: [{number: 12025550123}]\n---\nname: B\ndeploy: [{number: 12025550123}]\n",
			want: []string{"A agents/sub/a.yaml:1:1 ", "B agents/sub/a.yaml:4:1 "}},
		{name: "a handoff to a name that nobody bears", src: "name: A\n" + handoff("agent: Nobody"),
			want: []string{"A agents/sub/a.yaml:1:1 "}},
		{name: "texts of other files", src: "name: A\nsystemPrompt: !file p.md\n---\nname: B\nsystemPrompt: !file ../../docs/q.md\n",
			want: []string{"A agents/sub/a.yaml:1:1 beside", "B agents/sub/a.yaml:4:1 above"}},
		{name: "a text that is not there", src: "name: A\nsystemPrompt: !file absent.md\n", bad: []string{
			`agents/sub/a.yaml:2:15: systemPrompt: names the file "absent.md", which does not exist; the path is relative to the folder of this file`,
		}},
		{name: "problems of all documents", src: "name: A\n---\nname: [B]\n---\nname: ' C'\n---\nname: \"D\n", bad: []string{
			`agents/sub/a.yaml:3:7: name: is a list, must be text; write one text, in quotes if it starts with [ or { or holds ": "`,
			`agents/sub/a.yaml:5:7: name: has white space around it: " C"; remove it`,
			"agents/sub/a.yaml:7:1: is not valid YAML: found unexpected end of stream; close the quote that is opened here",
		}},
		{name: "no definition", src: "# later\n", bad: []string{
			"agents/sub/a.yaml: holds no definition; add one with at least a name, delete the file, or let its name start with _",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			// The other files of the folder are at odds with this one, and broken.
			agents, err := LoadFile(files("agents/sub/a.yaml", c.src, "agents/b.yaml", "name: A\n", "agents/c.yaml", "[",
				"agents/sub/p.md", "beside", "docs/q.md", "above"), "agents/sub/a.yaml")
			var got []string
			for _, a := range agents {
				text := ""
				if v := a.Fields.Get("systemPrompt"); v != nil {
					text = v.Text
				}
				got = append(got, a.Name+" "+a.Pos.String()+" "+text)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("agents (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.bad, lines(t, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadFileMissing(t *testing.T) {
	agents, err := LoadFile(files("agents/b.yaml", "name: A\n"), "agents/a.yaml")
	if agents != nil {
		t.Errorf("agents %v, want none", agents)
	}
	if diff := cmp.Diff([]string{"agents/a.yaml: does not exist; check the path"}, lines(t, err)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
