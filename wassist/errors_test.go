package wassist

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func failed(t *testing.T, a answer, opts ...Option) *Error {
	t.Helper()
	_, err := newClient(t, &fake{answer: a}, append(opts, WithMaxAttempts(1), WithMaxRateLimited(1))...).Agents.Get(t.Context(), "a1")
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("err = %v", err)
	}
	return e
}

// Every form of an error that the API, its framework or a gateway may send.
func TestErrorForms(t *testing.T) {
	file := func(name string) string { return string(sample(t, name)) }
	type want struct {
		message, code, field string
		details              int
	}
	for name, tc := range map[string]struct {
		status int
		body   string
		want   want
	}{
		"error and code":        {404, file("error-404-error-code.json"), want{"Agent not found", "not_found", "", 0}},
		"error":                 {400, file("error-400-error.json"), want{"Sandbox numbers cannot be routed with an API key.", "", "", 0}},
		"detail":                {404, file("error-404-detail.json"), want{"Not found.", "", "", 0}},
		"message":               {400, `{"message":"No."}`, want{"No.", "", "", 0}},
		"message in error":      {400, `{"error":{"message":"No.","code":"bad","type":"x"}}`, want{"No.", "bad", "", 0}},
		"429":                   {429, file("error-429.json"), want{"Rate limit exceeded", "", "", 0}},
		"401":                   {401, file("error-401.json"), want{"the API key was refused, check WASSIST_API_KEY: Authentication credentials were not provided.", "", "", 0}},
		"401, empty":            {401, "", want{"the API key was refused, check WASSIST_API_KEY: no reason given", "", "", 0}},
		"fields":                {400, file("error-400-fields.json"), want{"icebreakers: Expected a list of items.; name: This field may not be blank.", "", "icebreakers", 2}},
		"nested":                {400, file("error-400-nested.json"), want{"tools[1].apiSchema: This field is required.", "", "tools[1].apiSchema", 1}},
		"deeply nested":         {400, `{"tools":[{"apiSchema":{"path_params":{"id":{"input":["Bad.","Worse."]}}}}]}`, want{"tools[0].apiSchema.path_params.id.input: Bad.; tools[0].apiSchema.path_params.id.input: Worse.", "", "tools[0].apiSchema.path_params.id.input", 2}},
		"field with a text":     {400, `{"name":"Taken."}`, want{"name: Taken.", "", "name", 1}},
		"of the whole":          {400, `{"non_field_errors":["Odd."]}`, want{"Odd.", "", "", 1}},
		"of a whole entry":      {400, `{"tools":[{"non_field_errors":["Odd."]},{"__all__":["Strange."]}]}`, want{"tools[0]: Odd.; tools[1]: Strange.", "", "tools[0]", 2}},
		"a list":                {400, `["Odd.","Strange."]`, want{"Odd.; Strange.", "", "", 2}},
		"a text":                {400, `"Odd."`, want{"Odd.", "", "", 1}},
		"a number":              {400, `7`, want{"7", "", "", 1}},
		"null":                  {400, `null`, want{"no reason given", "", "", 0}},
		"blank":                 {400, `{"detail":" "}`, want{"no reason given", "", "", 0}},
		"blank, and more":       {400, `{"error":{"message":" ","code":"bad_name","fields":{"name":["required"]}}}`, want{"error.code: bad_name; error.fields.name: required", "bad_name", "error.code", 2}},
		"blank, of an entry":    {400, `{"tools":[{"message":" ","url":["not one"]}]}`, want{"tools[0].url: not one", "", "tools[0].url", 1}},
		"no members":            {400, `{}`, want{"no reason given", "", "", 0}},
		"only retry_after":      {400, `{"retry_after":7}`, want{"no reason given", "", "", 0}},
		"only code":             {400, `{"code":"bad"}`, want{"code: bad", "bad", "code", 1}},
		"message and fields":    {400, `{"error":"Invalid.","status":400,"fields":{"name":["Too long."]}}`, want{"Invalid.; fields.name: Too long.", "", "fields.name", 1}},
		"a field called error":  {400, `{"error":["This field is required."]}`, want{"error: This field is required.", "", "error", 1}},
		"a field called detail": {400, `{"detail":{"name":["Too long."]}}`, want{"detail.name: Too long.", "", "detail.name", 1}},
		"messages as objects":   {400, `{"name":[{"message":"Too long.","code":"max_length"}]}`, want{"name[0]: Too long.", "", "name[0]", 1}},
		"text":                  {502, "upstream is gone", want{"upstream is gone", "", "", 0}},
		"HTML":                  {502, "<html><head><TITLE class=x>\n502 Bad\tGateway </TITLE></head>secret</html>", want{`an HTML page titled "502 Bad Gateway"`, "", "", 0}},
		"HTML without title":    {500, "<h1>Server Error (500)</h1>", want{"an HTML page", "", "", 0}},
		"half a JSON":           {500, `{"error":"No`, want{`{"error":"No`, "", "", 0}},
		"empty":                 {500, ``, want{"no reason given", "", "", 0}},
		"control characters":    {400, "{\"error\":\"a\\u001b[31mb\\nc\\u202ed\\u0000\"}", want{`a\u001b[31mb\nc\u202ed\u0000`, "", "", 0}},
		"not UTF-8":             {400, "{\"error\":\"a\xffb\"}", want{"a\uFFFDb", "", "", 0}},
		"a member twice":        {400, `{"error":"a","error":"b"}`, want{"b", "", "", 0}},
	} {
		t.Run(name, func(t *testing.T) {
			e := failed(t, always(tc.status, tc.body, "X-Request-Id", "req-1"))
			got := want{e.Message, e.Code, e.Field, len(e.Details)}
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(want{})); diff != "" {
				t.Error(diff)
			}
			if e.Status != tc.status || e.RequestID != "req-1" || e.Method != "GET" || e.Path != "/agents/a1/" || e.Attempts != 1 {
				t.Errorf("%+v", e)
			}
			line := e.Error()
			if wantLine := fmt.Sprintf("GET /agents/a1/: %d %s: %s (request id req-1)", tc.status, http.StatusText(tc.status), tc.want.message); line != wantLine {
				t.Errorf("got  %s\nwant %s", line, wantLine)
			}
		})
	}
}

func TestErrorTextsAreBounded(t *testing.T) {
	long := strings.Repeat("ä", 100_000)
	for name, body := range map[string]string{
		"message": `{"error":"` + long + `"}`,
		"field":   `{"` + long + `":["` + long + `"]}`,
		"fields":  `{"a":[` + strings.TrimSuffix(strings.Repeat(`"no",`, 9999), ",") + `]}`,
		"text":    long,
		"huge":    strings.Repeat(long, 20),
		"code":    `{"error":"x","code":"` + long + `"}`,
		"wide":    strings.Repeat(`{"a":`, 2000) + "[" + strings.Repeat("{},", 300_000) + "{}]" + strings.Repeat("}", 2000),
		"deep":    strings.Repeat("[", 9000) + strings.Repeat("]", 9000),
	} {
		e := failed(t, always(400, body, "X-Request-Id", long))
		if n := len([]rune(e.Error())); n > 1100 {
			t.Errorf("%s: %d runes", name, n)
		}
		if len([]rune(e.Code)) > 100 || len([]rune(e.Field)) > maxText || len(e.Details) > maxDetails {
			t.Errorf("%s: %d, %d, %d", name, len(e.Code), len(e.Field), len(e.Details))
		}
	}
}

func TestKindsOfErrors(t *testing.T) {
	kinds := []error{ErrUnauthorized, ErrForbidden, ErrNotFound, ErrMethodNotAllowed, ErrConflict, ErrRateLimited}
	for i, status := range []int{401, 403, 404, 405, 409, 429} {
		e := failed(t, always(status, ""))
		for j, kind := range kinds {
			if errors.Is(e, kind) != (i == j) {
				t.Errorf("%d is %v: %v", status, kind, i != j)
			}
		}
	}
	if e := failed(t, always(418, "")); errors.Is(e, ErrNotFound) || errors.Is(e, nil) {
		t.Error("418 is of a kind")
	}
	if e := failed(t, fails(dialFault)); !errors.Is(e, dialFault) || e.Status != 0 {
		t.Errorf("the cause is lost: %v", e)
	}
	if e := failed(t, always(302, "", "Location", "https://evil.example/?key=x")); !errors.Is(e, ErrRedirect) ||
		!strings.Contains(e.Message, "a redirect to evil.example is not followed") || strings.Contains(e.Message, "key=x") {
		t.Errorf("%v", e)
	}
	if e := failed(t, always(302, "", "Location", "http://%zz/")); !strings.Contains(e.Message, "a redirect is not followed") {
		t.Errorf("%v", e)
	}
}

func TestRetryAfterInErrors(t *testing.T) {
	e := failed(t, always(429, "", "Retry-After", "3600"))
	if e.RetryAfter != time.Hour || !strings.Contains(e.Message, "asks to wait 1h0m0s, which is more than 15m0s: try again later") {
		if e.RetryAfter != time.Hour {
			t.Errorf("RetryAfter = %v", e.RetryAfter)
		}
	}
	_, err := newClient(t, &fake{answer: always(429, "", "Retry-After", "1e300")}).Agents.Get(t.Context(), "a1")
	if err == nil || !strings.Contains(err.Error(), "which is more than 15m0s: try again later") {
		t.Errorf("err = %v", err)
	}
	if e := failed(t, always(429, `{"retry_after":60}`)); e.RetryAfter != time.Minute {
		t.Errorf("RetryAfter = %v", e.RetryAfter)
	}
}

func TestErrorsInLogs(t *testing.T) {
	var log bytes.Buffer
	e := failed(t, always(400, `{"tools":[{"name":["Bad."]}],"code":"invalid"}`, "X-Request-Id", "req-1"))
	slog.New(slog.NewTextHandler(&log, nil)).Error("m", "err", e)
	for _, want := range []string{
		"err.method=GET", "err.path=/agents/a1/", "err.status=400", "err.code=invalid", "err.field=code",
		"err.requestId=req-1", "err.attempts=1", "tools[0].name: Bad.",
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%s is not in %s", want, log.String())
		}
	}
}

// An error of a status that Go has no name for.
func TestStatusWithoutAName(t *testing.T) {
	if got := failed(t, always(599, "x")).Error(); got != "GET /agents/a1/: 599: x" {
		t.Error(got)
	}
}

// The server repeats what it was sent, in every text that it controls: nothing of it may get through.
func TestNoSecretInErrorsAndLogs(t *testing.T) {
	secrets := map[string]string{
		"key": testKey, "registered": "REGISTERED-9d1", "header value": "HEADER-VALUE-77", "trigger secret": "TRIGGER-SECRET-3",
		"trigger url": "https://outbound.example/t/SECRET-4", "password": "PASS\nWORD-5", "webhook": "https://bot.example/hook?token=6",
		"number": "8675309",
	}
	echo := strings.Builder{}
	for _, s := range secrets {
		echo.WriteString(" " + s)
	}
	quoted := strings.ReplaceAll(echo.String(), "\n", `\n`)
	body := AgentUpdate{
		Tools: Some([]Tool{{Name: "t", APISchema: Some(APISchema{RequestHeaders: Some(map[string]*Parameter{
			"Authorization": {Input: Some(Input{Value: `"HEADER-VALUE-77"`})}, "X-Pin": {Input: Some(Input{Value: "8675309"})},
			"X-Flag": {Input: Some(Input{Value: "true"})},
		})})}}),
		OutboundTriggers: Some([]OutboundTrigger{{URL: Some(Secret(secrets["trigger url"])), Secret: Some(Secret("TRIGGER-SECRET-3"))}}),
		CreditSettings:   Some(CreditSettings{CreditGrantPassword: Some(Secret(secrets["password"]))}),
	}
	answers := map[string]answer{
		"error":    always(400, `{"error":"`+quoted+`","code":"`+quoted+`"}`, "X-Request-Id", testKey),
		"fields":   always(400, `{"`+quoted+`":["`+quoted+`",{"x":"`+quoted+`"}]}`),
		"text":     always(500, echo.String()),
		"HTML":     always(500, "<title>"+echo.String()+"</title>"),
		"redirect": always(302, "", "Location", "https://"+testKey+"/"+testKey),
		"network":  fails(errors.New("proxy says " + testKey + " REGISTERED-9d1")),
		"200":      always(200, quoted, "Content-Type", testKey+"/"+testKey),
		"shape":    always(200, `{"id":"a1","name":{"x":"`+quoted+`"}}`),
		"number":   always(200, `{"id":"a1","tools":[{"active":"`+quoted+`"}]}`),
		"cut":      always(500, `{"error":"`+quoted),
		"break":    always(200, `{"id":"`+quoted+`" `+strings.ReplaceAll(quoted, " ", "")),
		"twice":    always(200, `{"id":"a1","creditSettings":{"creditGrantPassword":"`+quoted+`","creditGrantPassword":"`+quoted+`"}}`),
	}
	for name, a := range answers {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			var events []string
			c := newClient(t, &fake{answer: a},
				WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
				WithObserver(func(e Event) { events = append(events, fmt.Sprintf("%v", e)) }), WithMaxAttempts(1))
			c.AddSecrets("REGISTERED-9d1", "ab") // the second is too short to be replaced
			_, updateErr := c.Agents.Update(t.Context(), "a1", body)
			_, replaceErr := c.Agents.Replace(t.Context(), "a1", Agent{}.Apply(body))
			_, byoaErr := c.Agents.CreateBYOA(t.Context(), secrets["webhook"])
			_, doErr := c.Do(t.Context(), "POST", "agents/?token=REGISTERED-9d1&limit="+testKey, nil)
			for call, err := range map[string]error{"update": updateErr, "replace": replaceErr, "byoa": byoaErr, "do": doErr} {
				if err == nil {
					if call == "do" && strings.HasPrefix(answerStatus(a), "2") {
						continue // a free call does not look into the body
					}
					t.Fatalf("%s succeeded", call)
				}
				var shown bytes.Buffer
				slog.New(slog.NewTextHandler(&shown, nil)).Error("m", "err", err)
				fmt.Fprintf(&shown, "%v %+v %#v %q", err, err, err, err)
				var e *Error
				errors.As(err, &e)
				fmt.Fprintf(&shown, "%v %v %v %v %v %v", e.Message, e.Details, e.Field, e.Code, e.RequestID, e.Path)
				sent := map[string][]string{
					"update":  {"header value", "trigger secret", "trigger url", "password", "number"},
					"replace": {"header value", "trigger secret", "trigger url", "password", "number"},
					"byoa":    {"webhook"},
				}[call]
				if name == "network" { // the cause stays reachable by errors.Unwrap, so %+v is not asked of it
					shown.Reset()
					fmt.Fprint(&shown, err)
				}
				for _, secret := range append(sent, "key", "registered") {
					for _, form := range []string{secrets[secret], strings.ReplaceAll(secrets[secret], "\n", `\n`)} {
						if strings.Contains(shown.String(), form) {
							t.Errorf("%s shows the %s: %s", call, secret, shown.String())
						}
					}
				}
			}
			all := log.String() + strings.Join(events, "\n")
			for _, secret := range []string{testKey, "REGISTERED-9d1"} {
				if strings.Contains(all, secret) {
					t.Errorf("log or events show %s:\n%s", secret, all)
				}
			}
		})
	}
}

func answerStatus(a answer) string {
	resp, err := a(0, nil)
	if err != nil {
		return "no answer"
	}
	return fmt.Sprint(resp.StatusCode)
}

func TestScrub(t *testing.T) {
	s := &scrubber{custom: func(text string) string { return strings.ReplaceAll(text, "custom", "(hidden)") }}
	s.add("inner", "an inner secret", "abc", "")
	for in, want := range map[string]string{
		"says an inner secret":   "says (sensitive)", // nothing of the longer one is left
		"inner":                  "(sensitive)",
		"abc custom \x07\t":      `abc (hidden) \u0007`,
		strings.Repeat("x", 501): strings.Repeat("x", 499) + "…",
		strings.Repeat("x", 500): strings.Repeat("x", 500),
	} {
		if got := s.text(in); got != want {
			t.Errorf("text(%q) = %q, want %q", in, got, want)
		}
	}
	s.add(" a \"b\"\n<c> \n")
	for _, form := range []string{" a \"b\"\n<c> \n", "a \"b\"\n<c>", `a \"b\"\n<c>`, "a &#34;b&#34;\n&lt;c&gt;", "a+%22b%22%0A%3Cc%3E"} {
		if got := s.text("x" + form + "y"); got != "x(sensitive)y" {
			t.Errorf("text(%q) = %q", form, got)
		}
	}
	if got := s.text("one inner two", "one inner"); got != "(sensitive) two" {
		t.Errorf("with more secrets: %q", got)
	}
	if got := failed(t, always(400, `{"error":"a custom text"}`), WithScrub(s.custom)).Message; got != "a (hidden) text" {
		t.Errorf("WithScrub: %q", got)
	}
}

func TestLogLines(t *testing.T) {
	var log bytes.Buffer
	c := newClient(t, &fake{answer: always(200, agentsPage(0, 0, 0, "null"))},
		WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	if _, err := c.Agents.List(t.Context(), ListOptions{Offset: 5}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Do(t.Context(), "GET", "agents/?q=private&limit=1&limit=2", nil); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines for 2 attempts:\n%s", len(lines), log.String())
	}
	for _, want := range []string{"level=DEBUG", "method=GET", `path="/agents/?limit=100&offset=5"`, "status=200", "duration=", "waited=", "attempt=1"} {
		if !strings.Contains(lines[0], want) {
			t.Errorf("%s is not in %s", want, lines[0])
		}
	}
	if !strings.Contains(lines[1], `path="/agents/?limit=…&q=…"`) {
		t.Error(lines[1])
	}
}

func TestAnswersAreBounded(t *testing.T) {
	endless := func(status int) answer {
		return func(int, *http.Request) (*canned, error) {
			resp, _ := reply(status, "")
			resp.Body = io.NopCloser(blanks{})
			return resp, nil
		}
	}
	server := &fake{answer: endless(200)}
	c := newClient(t, server)
	if c.maxAnswer != 64<<20 {
		t.Errorf("an answer may hold %d bytes", c.maxAnswer)
	}
	c.maxAnswer = 2 << 20
	_, err := c.Agents.Get(t.Context(), "a1")
	if !errors.Is(err, ErrBadAnswer) || !strings.Contains(err.Error(), "larger than 2 MiB") || server.count() != 1 {
		t.Errorf("%v after %d requests", err, server.count())
	}
	if resp, err := newClient(t, &fake{answer: endless(400)}).Do(t.Context(), "GET", "x", nil); err == nil || len(resp.Body) != 1<<20 {
		t.Errorf("%v", err)
	}
	full := always(200, oneAgent+strings.Repeat(" ", 2<<20-len(oneAgent)))
	c = newClient(t, &fake{answer: full})
	c.maxAnswer = 2 << 20
	if _, err := c.Agents.Get(t.Context(), "a1"); err != nil {
		t.Errorf("an answer of just the size that is allowed: %v", err)
	}
}

// Small JSON cannot become large in memory: not lists of nulls, nor objects without members, nor maps.
func TestAnswersDoNotGrowInMemory(t *testing.T) {
	list := func(entry string, n int) string { return "[" + strings.Repeat(entry+",", n-1) + entry + "]" }
	agent := func(member string) string { return strings.TrimSuffix(oneAgent, "}") + "," + member + "}" }
	members := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"%x":null,`, i)
		}
		return "{" + b.String() + `"x":{}}`
	}
	for name, tt := range map[string]struct {
		body string
		good bool
	}{
		"nulls":              {agent(`"tools":` + list("null", maxEntries+1)), false},
		"empty objects":      {agent(`"tools":` + list("{}", maxEntries+1)), false},
		"lists in a list":    {agent(`"future":` + list("[]", maxEntries+1)), false},
		"numbers":            {agent(`"future":` + list("1", maxEntries+1)), false},
		"members":            {agent(`"future":` + members(maxEntries*5)), false},
		"as many members":    {agent(`"future":` + members(maxEntries*2)), true},
		"as many as may be":  {agent(`"future":` + list("1", maxEntries-100)), true},
		"commas in a text":   {agent(`"description":"` + strings.Repeat(",{[", maxEntries) + `"`), true},
		"broken after a lot": {agent(`"future":` + list("1", maxEntries-100) + "]"), false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newClient(t, &fake{answer: always(200, tt.body)}).Agents.Get(t.Context(), "a1")
			if (err == nil) != tt.good || err != nil && !errors.Is(err, ErrBadAnswer) {
				t.Errorf("good: %v, error %v", tt.good, err)
			}
			if told := err != nil && strings.Contains(err.Error(), "the answer holds more than 250000 objects and list entries"); told != (!tt.good && name != "broken after a lot") {
				t.Errorf("error %v", err)
			}
		})
	}
}

type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
