package sync_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"wassist-sync/internal/remote"
	"wassist-sync/spec"
	"wassist-sync/sync"
	"wassist-sync/wassist"
	"wassist-sync/wassist/simulator"
)

// anyStored adds agents of any JSON to the simulator: an object, or a list of them.
func anyStored(server *simulator.Server, stored []byte) {
	d := json.NewDecoder(bytes.NewReader(stored))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, item := range list[:min(len(list), 5)] {
		if fields, ok := item.(map[string]any); ok {
			server.AddAgent(fields)
		}
	}
}

// ofTheAPI tells errors that an answer is the reason of.
func ofTheAPI(err error) bool {
	var e *wassist.Error
	return errors.As(err, &e) || errors.Is(err, wassist.ErrBadAnswer)
}

// habits is one of the API's, by any number.
func habits(n uint8) simulator.Options {
	return simulator.Options{
		Profile:          []string{simulator.ProfileCurrent, simulator.ProfileDocumented}[n&1],
		DropListsOnPatch: n&2 != 0, PutResets: n&4 != 0, TrimText: n&8 != 0, FillDefaults: n&16 != 0, OmitDefaults: n&32 != 0,
		PageMax: map[bool]int{true: 2}[n&64 != 0],
	}
}

// Whatever is stored and whatever is defined: when every change of a plan was made,
// without a note of a difference that stays, the next plan is empty. And whatever
// came of it, nothing but the API is blamed: planning itself fails for no definition.
func FuzzApplyThenPlanIsEmpty(f *testing.F) {
	stored := []string{
		`{"name":"A","systemPrompt":"old","tools":[{"name":"find","description":"d","apiSchema":{"method":"GET","url":"https://x.example/?k=1","request_headers":{"H":{"input":{"type":"value","value":1.50}}}}}]}`,
		`[{"name":"A","icebreakers":["a","a"],"tools":[{"name":"t"},{"name":"t"}]},{"name":"B","handoffTools":[{"childAgentId":"x","description":"d"}]}]`,
		`{"name":"A","tools":null,"icebreakers":null,"paywallConfig":null,"creditSettings":{"initialCredits":"12.0"}}`,
		`{"name":"A","tools":{},"icebreakers":"x","memoryKeys":[1,[],null],"systemPrompt":5,"llmModel":[]}`,
		`{"name":"A","memoryKeys":[{"key":"k","type":"json","initialValue":{"a":[1]},"whenToUpdate":"w"}],"future":{"deep":[[[{}]]]}}`,
		`[{"name":"A"},{"name":"A"}]`, `{}`, `[]`, `null`, `{"id":"","name":""}`, `{"name":" A\r\n"}`,
	}
	definitions := []string{
		"name: A\nsystemPrompt: new\ntools:\n- name: find\n  description: d\n  apiSchema: {method: POST, url: https://x.example/, request_headers: {}}\n",
		"name: A\nicebreakers: [a, b]\ntools: []\n---\nname: B\nhandoffTools: [{agent: A, description: d}]\n",
		"name: A\npaywallConfig: null\ncreditSettings: {initialCredits: 12, creditGrantPassword: p}\n",
		"name: A\nsystemPrompt: |\n  one\n  two\ndeploy: [{number: +447700900111}]\n",
		"name: A\nmemoryKeys: [{key: k, type: json, initialValue: '{\"a\": [1]}', whenToUpdate: w}]\n",
		"name: A\nmcpConfigs: [{connector: Stripe, toolWhitelist: [list_invoices]}]\noutboundTriggers: [{templateName: t, templateId: '1'}]\n",
		"name: A\nid: 3f0c8a52-0000-4000-8000-000000000001\n", "name: A\npreviousNames: [B]\nwebsiteTools: [{url: 'https://x.example/', prompt: ' p '}]\n",
	}
	for i, s := range stored {
		for j, d := range definitions {
			f.Add([]byte(s), []byte(d), uint8(7*i+13*j))
		}
	}
	f.Fuzz(func(t *testing.T, stored, definitions []byte, n uint8) {
		set, err := spec.Load(fstest.MapFS{"agents/a.yaml": {Data: definitions}}, "agents")
		if err != nil || set.ResolveEnv(func(string) (string, bool) { return "value of a variable", true }) != nil {
			return
		}
		w := newWorld(t, habits(n), wassist.WithMaxAttempts(1))
		anyStored(w.server, stored)
		o := sync.Options{Host: "api.example"}
		plan := func() *sync.Plan {
			w.api = remote.New(w.client)
			p, err := (&sync.Planner{Reader: w.api, Options: o}).Plan(t.Context(), set)
			if err != nil && !ofTheAPI(err) {
				t.Fatalf("planning fails for another reason than the API: %T %v", err, err)
			}
			return p
		}
		p := plan()
		if p == nil {
			return
		}
		if _, err := json.Marshal(p.Changes); err != nil {
			t.Fatal(err)
		}
		if len(p.Refused) > 0 {
			o.Accept = p.Digest
			if p = plan(); len(p.Refused) > 0 {
				return
			}
		}
		r := w.apply(t, p)
		if r.Refused != nil || r.Err() != nil || len(r.Notes) > 0 {
			return // the API took something in another form, or not at all, and that was told
		}
		left := plan()
		if left == nil || !left.Empty() {
			t.Fatalf("left after applying: %v", describe(left))
		}
	})
}

// The same over scenarios that are sound, so that more is applied.
func FuzzApplySettles(f *testing.F) {
	f.Add([]byte{})
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		s := drawScenario(t, habits(rapid.Uint8().Draw(t, "habits")))
		p := s.acceptAll(t)
		if err := s.apply(t, p).Err(); err != nil {
			t.Fatalf("applying: %v", err)
		}
		s.checkNothingLost(t, p)
		if left := s.plan(t, s.set, s.options); !left.Empty() {
			t.Fatalf("left after applying: %v", describe(left))
		}
	}))
}

// sameAnswer answers every request alike.
type sameAnswer []byte

func (a sameAnswer) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: 200, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(a)), ContentLength: int64(len(a)), Request: r,
	}, nil
}

const planned = `name: A
systemPrompt: new
icebreakers: [a]
tools: [{name: find, description: d, apiSchema: {method: GET, url: "https://x.example/{id}", path_params: {id: {input: {type: value, value: "1"}}}}}]
handoffTools: [{agent: B, description: d}]
mcpConfigs: [{connector: Stripe, toolWhitelist: [a]}]
memoryKeys: [{key: k, type: json, initialValue: "{}", whenToUpdate: w}]
deploy: [{number: +447700900111}]
paywallConfig: {messageLimit: 3}
creditSettings: {initialCredits: 5, creditGrantPassword: p}
---
name: B
`

// Whatever the API answers, to each question: there is a plan that can be shown, or
// an error of the API's that can be.
func FuzzPlanOfAnyAnswer(f *testing.F) {
	for _, s := range []string{
		`{"count":1,"next":null,"results":[{"id":"a","name":"A","createdAt":"2026-01-02T03:04:05Z"}]}`, `[{"id":"a","name":"A"},{"id":"b","name":"B","organization":{"id":"o"}}]`,
		`[{"id":"a","name":"A","tools":[null,{"name":null},{"apiSchema":{"request_headers":{"H":null}}}],"handoffTools":[{}],"mcpConfigs":[{"toolWhitelist":null}]}]`,
		`[{"id":"a","name":"Stripe","phoneNumber":"+447700900111","number":"+447700900111","activeAgent":{"id":"a"},"routing":"agent","knownTools":[null]}]`,
		`{"data":[{"id":"a","name":"A","systemPrompt":{"a":1},"icebreakers":{"b":[]},"paywallConfig":[],"creditSettings":7}]}`,
		`[{"id":"a","name":"A","memoryKeys":[{"key":"k","initialValue":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}],"createdAt":1e99}]`, `[]`, `{}`, ``,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		client, err := wassist.New("test-key", wassist.WithHTTPClient(&http.Client{Transport: sameAnswer(body)}), wassist.WithMaxAttempts(1), wassist.WithRate(1_000_000, time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		api := remote.New(client)
		p, err := (&sync.Planner{Reader: api, Options: sync.Options{Host: "api.example", Prune: sync.PruneAll, ConfirmOrganization: "o"}}).Plan(t.Context(), load(t, nil, planned))
		if err != nil {
			if !ofTheAPI(err) {
				t.Errorf("%T %v", err, err)
			}
			return
		}
		shown(t, p)
		if len(p.Refused) == 0 {
			applyWith(t, &sync.Applier{Reader: api, Writer: api}, p)
		}
	})
}
