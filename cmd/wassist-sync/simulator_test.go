package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"wassist-sync/sync"
	"wassist-sync/wassist/simulator"
)

// A script's simulators run in the test's own process, behind a real socket,
// so that a script can see what a command sent.
type (
	simulatorsKey struct{}
	simulators    map[string]*simulated
)

type simulated struct {
	*simulator.Server
	url     string
	started atomic.Int64           // requests that came in since the last reset
	echo    atomic.Pointer[string] // the method whose requests are refused by repeating them
}

// ServeHTTP is the simulator, and, for one method, a server that refuses a
// write and repeats in its answer every text that it was sent, whole and in
// parts, as DRF's validators do.
func (s *simulated) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.started.Add(1)
	method := s.echo.Load()
	if method == nil || r.Method != *method {
		s.Server.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	var sent any
	_ = json.Unmarshal(body, &sent)
	var said []string
	for _, text := range append(texts(sent), r.Header.Get("X-Api-Key")) {
		said = append(said, fmt.Sprintf("%q is not valid.", text))
		for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ?&=@:/", r) }) {
			said = append(said, fmt.Sprintf("Not %s.", part))
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]any{"tools": said, "detail": string(body)})
}

func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, item := range v {
			out = append(out, texts(item)...)
		}
		return out
	case map[string]any:
		var out []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out = append(out, texts(v[k])...)
		}
		return out
	}
	return nil
}

const simulatorUsage = `usage: simulator VERB NAME [ARGS...]
start NAME [OPTION=VALUE...]   serve one, and set WASSIST_API_URL, WASSIST_API_KEY and HOST
use NAME                       point WASSIST_API_URL at it again
requests|writes NAME           print what arrived, or what of it was no GET
reset NAME                     forget what arrived
started NAME N                 wait until N requests have come in, answered or not
window NAME N DURATION         want no more than N requests in any window, and no 429
agents NAME                    print the agents' names
agent NAME AGENT [FIELD|-FIELD...]  print an agent, or these fields of it, or all but these
number NAME DIGITS             print a number
add NAME FILE                  store the agents of a JSON file
fill NAME N                    store N agents, Agent 1 and so on
shapes NAME N                  store N agents of many shapes; see shapes_test.go
edit NAME AGENT FILE           change an agent as a person would
remove NAME AGENT              delete an agent as a person would
route NAME DIGITS AGENT        let an agent answer a number as a person would
fault NAME [FIELD=VALUE...]    see simulator.Fault
echo NAME METHOD               refuse a method's requests, repeating what they say
heal NAME                      end faults and echoes`

func simulatorCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("%s", simulatorUsage)
	}
	all := ts.Value(simulatorsKey{}).(simulators)
	verb, name, rest := args[0], args[1], args[2:]
	if verb == "start" {
		all[name] = startSimulator(ts, rest)
		return
	}
	s := all[name]
	if s == nil {
		ts.Fatalf("no simulator is called %s", name)
	}
	do, ok := map[string]func(*testscript.TestScript, *simulated, []string){
		"use": useSimulator, "requests": printRequests, "writes": printWrites, "started": awaitRequests, "window": checkWindow,
		"agents": printAgents, "agent": printAgent, "number": printNumber, "add": addAgents, "fill": fillAgents, "shapes": shapeAgents,
		"edit": editAgent, "remove": removeAgent, "route": routeNumber, "fault": addFault, "echo": echoMethod,
		"reset": func(_ *testscript.TestScript, s *simulated, _ []string) { s.ResetLog(); s.started.Store(0) },
		"heal":  func(_ *testscript.TestScript, s *simulated, _ []string) { s.ClearFaults(); s.echo.Store(nil) },
	}[verb]
	if !ok {
		ts.Fatalf("%s", simulatorUsage)
	}
	do(ts, s, rest)
}

func startSimulator(ts *testscript.TestScript, options []string) *simulated {
	o := simulator.Options{RateLimit: -1, Now: ts.Value(diaryKey{}).(*diary).now}
	for _, option := range options {
		key, value, _ := strings.Cut(option, "=")
		switch key {
		case "profile":
			o.Profile = value
		case "key":
			o.Key = value
		case "organization":
			o.Organization = value
		case "rate":
			rate, err := sync.ParseRate(value)
			ts.Check(err)
			o.RateLimit, o.RateWindow = rate.Limit, rate.Window
		case "page-max":
			o.PageMax = number(ts, value)
		case "drop-lists":
			o.DropListsOnPatch = value == "patch" || value == "both"
			o.DropListsOnPut = value == "put" || value == "both"
		case "put-resets":
			o.PutResets = true
		case "trim-text":
			o.TrimText = true
		default:
			ts.Fatalf("unknown option %s", option)
		}
	}
	server, err := simulator.New(o)
	ts.Check(err)
	s := &simulated{Server: server}
	web := httptest.NewServer(s)
	ts.Defer(web.Close)
	s.url = web.URL + "/api/v1/"
	useSimulator(ts, s, nil)
	if o.Key == "" {
		o.Key = "key-of-a-test"
	}
	ts.Setenv("WASSIST_API_KEY", o.Key)
	return s
}

func useSimulator(ts *testscript.TestScript, s *simulated, _ []string) {
	ts.Setenv("WASSIST_API_URL", s.url)
	ts.Setenv("HOST", strings.TrimSuffix(strings.TrimPrefix(s.url, "http://"), "/api/v1/"))
}

func number(ts *testscript.TestScript, text string) int {
	n, err := strconv.Atoi(text)
	ts.Check(err)
	return n
}

func printRequests(ts *testscript.TestScript, s *simulated, _ []string) {
	out := ts.Stdout() // also when nothing is printed
	for _, r := range s.Requests() {
		fmt.Fprintf(out, "%s %s\n", r.Method, r.Path)
	}
}

func printWrites(ts *testscript.TestScript, s *simulated, _ []string) {
	out := ts.Stdout() // also when nothing is printed
	for _, r := range s.Requests() {
		if r.Method != http.MethodGet {
			fmt.Fprintf(out, "%s %s\n", r.Method, r.Path)
		}
	}
}

func awaitRequests(ts *testscript.TestScript, s *simulated, args []string) {
	want := int64(number(ts, args[0]))
	for range 3000 {
		if s.started.Load() >= want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%d requests came in, want %d", s.started.Load(), want)
}

// checkWindow looks at every window that begins with a request.
func checkWindow(ts *testscript.TestScript, s *simulated, args []string) {
	rate, err := sync.ParseRate(args[0] + "/" + args[1])
	ts.Check(err)
	log := s.Requests()
	for i, first := range log {
		if first.Status == http.StatusTooManyRequests {
			ts.Fatalf("request %d was answered 429", i)
		}
		end := i
		for end < len(log) && log[end].Time.Sub(first.Time) < rate.Window {
			end++
		}
		if end-i > rate.Limit {
			ts.Fatalf("%d requests arrived within %s from request %d", end-i, rate.Window, i)
		}
	}
	fmt.Fprintf(ts.Stdout(), "%d requests\n", len(log))
}

func printAgents(ts *testscript.TestScript, s *simulated, _ []string) {
	out := ts.Stdout() // also when nothing is printed
	var names []string
	for _, a := range s.Agents() {
		names = append(names, fmt.Sprint(a["name"]))
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintln(out, name)
	}
}

func find(ts *testscript.TestScript, s *simulated, name string) map[string]any {
	for _, a := range s.Agents() {
		if a["name"] == name {
			return a
		}
	}
	ts.Fatalf("no agent is called %q", name)
	return nil
}

func printAgent(ts *testscript.TestScript, s *simulated, args []string) {
	a := find(ts, s, args[0])
	chosen := map[string]any{}
	for _, field := range args[1:] {
		if left, ok := strings.CutPrefix(field, "-"); ok {
			delete(a, left)
			chosen = a
		} else {
			chosen[field] = a[field]
		}
	}
	if len(args) == 1 {
		chosen = a
	}
	printJSON(ts, chosen)
}

func printJSON(ts *testscript.TestScript, v any) {
	enc := json.NewEncoder(ts.Stdout())
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	ts.Check(enc.Encode(v))
}

func printNumber(ts *testscript.TestScript, s *simulated, args []string) {
	printJSON(ts, s.Number(args[0]))
}

func readJSON(ts *testscript.TestScript, name string) any {
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile(name)))
	decoder.UseNumber()
	var v any
	ts.Check(decoder.Decode(&v))
	return v
}

func addAgents(ts *testscript.TestScript, s *simulated, args []string) {
	v := readJSON(ts, args[0])
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, item := range list {
		fmt.Fprintln(ts.Stdout(), s.AddAgent(item.(map[string]any)))
	}
}

func fillAgents(ts *testscript.TestScript, s *simulated, args []string) {
	for i := range number(ts, args[0]) {
		s.AddAgent(map[string]any{"name": fmt.Sprintf("Agent %d", i+1), "systemPrompt": "You are an agent."})
	}
}

func editAgent(ts *testscript.TestScript, s *simulated, args []string) {
	id := fmt.Sprint(find(ts, s, args[0])["id"])
	ts.Check(s.EditAgent(id, readJSON(ts, args[1]).(map[string]any)))
}

func removeAgent(ts *testscript.TestScript, s *simulated, args []string) {
	s.RemoveAgent(fmt.Sprint(find(ts, s, args[0])["id"]))
}

func routeNumber(ts *testscript.TestScript, s *simulated, args []string) {
	ts.Check(s.SetNumber(args[0], map[string]any{"activeAgent": find(ts, s, args[1])["id"]}))
}

func addFault(ts *testscript.TestScript, s *simulated, args []string) {
	var f simulator.Fault
	for _, arg := range args {
		key, value, _ := strings.Cut(arg, "=")
		var err error
		switch key {
		case "method":
			f.Method = value
		case "path":
			f.PathPrefix = value
		case "kind":
			f.Kind = simulator.Kind(value)
		case "body":
			f.Body = value
		case "code":
			f.Code, err = strconv.Atoi(value)
		case "nth":
			f.Nth, err = strconv.Atoi(value)
		case "times":
			f.Times, err = strconv.Atoi(value)
		case "delay":
			f.Delay, err = time.ParseDuration(value)
		case "holds": // the request's body holds this
			f.Match = func(r *http.Request) bool {
				body, _ := io.ReadAll(r.Body)
				return (f.Method == "" || r.Method == f.Method) && bytes.Contains(body, []byte(value))
			}
		default:
			ts.Fatalf("unknown field %s", arg)
		}
		ts.Check(err)
	}
	s.Fault(f)
}

func echoMethod(ts *testscript.TestScript, s *simulated, args []string) {
	s.echo.Store(&args[0])
}
