package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/textproto"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

var languageServerPath = flag.String("yaml-language-server", "", "look at schemas and examples with this yaml-language-server, which needs node; .ci/editor installs one")

// answerTime is how long the language server may take for one answer. It starts
// slowly where other work is done beside it.
const answerTime = 2 * time.Minute

// languageServer is a running yaml-language-server, spoken to as editors do: the
// Language Server Protocol, version 3.17, over its stdin and stdout.
type languageServer struct {
	t        *testing.T
	in       io.WriteCloser
	settings map[string]any // as the editor has them: "yaml.schemas" and such

	mu        sync.Mutex // guards what follows, and writing
	last      int
	answers   map[int]chan message
	published map[string]chan []diagnostic
}

type message struct {
	ID     *json.RawMessage `json:"id,omitempty"`
	Method string           `json:"method,omitempty"`
	Params json.RawMessage  `json:"params,omitempty"`
	Result json.RawMessage  `json:"result,omitempty"`
	Error  json.RawMessage  `json:"error,omitempty"`
}

// diagnostic is one mark in a text; lines count from 0.
type diagnostic struct {
	Range struct {
		Start struct{ Line, Character int }
	}
	Message string
}

// startLanguageServer starts the server with an editor's settings, for a folder.
func startLanguageServer(t *testing.T, folder string, settings map[string]any) *languageServer {
	t.Helper()
	// It ends when it is told to, which is after the test's own context has ended.
	ctx, kill := context.WithTimeout(context.Background(), 2*answerTime)
	cmd := exec.CommandContext(ctx, *languageServerPath, "--stdio")
	cmd.Dir, cmd.Stderr = folder, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &languageServer{t: t, in: in, settings: settings, answers: map[int]chan message{}, published: map[string]chan []diagnostic{}}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.listen(bufio.NewReader(out))
	}()
	t.Cleanup(func() {
		defer kill()
		s.request("shutdown", nil, nil)
		s.notify("exit", nil)
		_ = in.Close()
		<-ended
		if err := cmd.Wait(); err != nil {
			t.Errorf("the language server ended badly: %v", err)
		}
	})
	s.request("initialize", map[string]any{
		"processId": os.Getpid(),
		"rootUri":   fileURI(folder),
		"capabilities": map[string]any{
			"workspace": map[string]any{"configuration": true},
			"textDocument": map[string]any{
				"completion":         map[string]any{"completionItem": map[string]any{"documentationFormat": []string{"markdown"}}},
				"hover":              map[string]any{"contentFormat": []string{"markdown"}},
				"publishDiagnostics": map[string]any{"versionSupport": true},
			},
		},
	}, nil)
	s.notify("initialized", map[string]any{})
	s.notify("workspace/didChangeConfiguration", map[string]any{"settings": nil})
	return s
}

func fileURI(path string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}

// listen reads what the server says until it ends.
func (s *languageServer) listen(from *bufio.Reader) {
	for {
		header, err := textproto.NewReader(from).ReadMIMEHeader()
		if err != nil {
			return
		}
		length, err := strconv.Atoi(header.Get("Content-Length"))
		if err != nil {
			return
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(from, body); err != nil {
			return
		}
		var m message
		if err := json.Unmarshal(body, &m); err != nil {
			return
		}
		s.heard(m)
	}
}

func (s *languageServer) heard(m message) {
	switch {
	case m.Method == "textDocument/publishDiagnostics":
		var p struct {
			URI         string
			Diagnostics []diagnostic
		}
		if json.Unmarshal(m.Params, &p) == nil {
			s.mu.Lock()
			to := s.published[p.URI]
			s.mu.Unlock()
			if to != nil {
				select {
				case to <- p.Diagnostics:
				default: // looked at already
				}
			}
		}
	case m.Method == "workspace/configuration":
		var asked struct{ Items []struct{ Section string } }
		if json.Unmarshal(m.Params, &asked) != nil {
			return
		}
		given := make([]any, len(asked.Items))
		for i, item := range asked.Items {
			given[i] = s.section(item.Section)
		}
		s.send(map[string]any{"jsonrpc": "2.0", "id": m.ID, "result": given})
	case m.Method != "" && m.ID != nil:
		s.send(map[string]any{"jsonrpc": "2.0", "id": m.ID, "result": nil})
	case m.Method == "" && m.ID != nil:
		id, err := strconv.Atoi(string(*m.ID))
		if err != nil {
			return
		}
		s.mu.Lock()
		to := s.answers[id]
		s.mu.Unlock()
		if to != nil {
			to <- m
		}
	}
}

// section gives the settings below a prefix, nested as editors give them.
func (s *languageServer) section(prefix string) map[string]any {
	out := map[string]any{}
	for key, value := range s.settings {
		rest, ok := strings.CutPrefix(key, prefix+".")
		if !ok {
			continue
		}
		in, parts := out, strings.Split(rest, ".")
		for _, part := range parts[:len(parts)-1] {
			next, _ := in[part].(map[string]any)
			if next == nil {
				next = map[string]any{}
			}
			in[part], in = next, next
		}
		in[parts[len(parts)-1]] = value
	}
	return out
}

func (s *languageServer) send(v any) {
	body, err := json.Marshal(v)
	if err != nil {
		s.t.Errorf("a message that is no JSON: %v", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// A server that is gone shows as an answer that does not come.
	_, _ = fmt.Fprintf(s.in, "Content-Length: %d\r\n\r\n%s", len(body), body)
}

func (s *languageServer) notify(method string, params any) {
	s.send(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
}

// request waits for the answer, and reads it into result unless that is nil.
func (s *languageServer) request(method string, params, result any) {
	s.t.Helper()
	answer := make(chan message, 1)
	s.mu.Lock()
	s.last++
	id := s.last
	s.answers[id] = answer
	s.mu.Unlock()
	s.send(map[string]any{"jsonrpc": "2.0", "id": id, "method": method, "params": params})
	select {
	case m := <-answer:
		if m.Error != nil {
			s.t.Fatalf("%s: %s", method, m.Error)
		}
		if result == nil {
			return
		}
		if err := json.Unmarshal(m.Result, result); err != nil {
			s.t.Fatalf("%s: %v: %s", method, err, m.Result)
		}
	case <-time.After(answerTime):
		s.t.Fatalf("%s: no answer in %s", method, answerTime)
	}
}

// open opens a text in the editor, and gives what is wrong with it, a line each:
// "3: message", with lines from 1.
func (s *languageServer) open(path, text string) []string {
	s.t.Helper()
	marks := make(chan []diagnostic, 1)
	s.mu.Lock()
	s.published[fileURI(path)] = marks
	s.mu.Unlock()
	s.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
		"uri": fileURI(path), "languageId": "yaml", "version": 1, "text": text,
	}})
	select {
	case found := <-marks:
		var lines []string
		for _, d := range found {
			lines = append(lines, fmt.Sprintf("%d: %s", d.Range.Start.Line+1, d.Message))
		}
		return lines
	case <-time.After(answerTime):
		s.t.Fatalf("%s: no diagnostics in %s", path, answerTime)
		return nil
	}
}

// place is one in an open text.
func place(path string, line, character int) map[string]any {
	return map[string]any{"textDocument": map[string]any{"uri": fileURI(path)}, "position": map[string]any{"line": line, "character": character}}
}

// hover gives what the editor says about a place.
func (s *languageServer) hover(path string, line, character int) string {
	s.t.Helper()
	var h struct{ Contents struct{ Value string } }
	s.request("textDocument/hover", place(path, line, character), &h)
	return h.Contents.Value
}

// complete gives what the editor proposes at a place, by label, with its
// documentation.
func (s *languageServer) complete(path string, line, character int) map[string]string {
	s.t.Helper()
	var list struct {
		Items []struct {
			Label         string
			Documentation any
		}
	}
	s.request("textDocument/completion", place(path, line, character), &list)
	out := map[string]string{}
	for _, item := range list.Items {
		text, _ := item.Documentation.(string)
		if markup, ok := item.Documentation.(map[string]any); ok {
			text, _ = markup["value"].(string)
		}
		out[item.Label] = text
	}
	return out
}
