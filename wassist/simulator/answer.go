package simulator

import (
	"fmt"
	"net/http"
	"strings"
)

// answer is a whole HTTP answer as a value, so that it can be distorted before
// it is sent.
type answer struct {
	status int
	header http.Header
	body   []byte
}

const (
	typeJSON = "application/json"
	typeHTML = "text/html; charset=utf-8"
)

// reply is an answer with a JSON body.
func reply(status int, v any) answer {
	b, err := encode(v)
	if err != nil { // values come from the JSON decoder, or are written here
		return answer{status: http.StatusInternalServerError, header: make(http.Header)}
	}
	return raw(status, typeJSON, string(b))
}

func raw(status int, contentType, body string) answer {
	return answer{status: status, header: http.Header{"Content-Type": {contentType}}, body: []byte(body)}
}

func noContent() answer {
	return answer{status: http.StatusNoContent, header: make(http.Header)}
}

// detail is DRF's form of an error.
func detail(status int, message string) answer {
	return reply(status, map[string]any{"detail": message})
}

// coded is the documented form of an error.
func coded(status int, message, code string) answer {
	return reply(status, map[string]any{"error": message, "code": code})
}

func agentNotFound() answer  { return coded(http.StatusNotFound, "Agent not found", "not_found") }
func objectNotFound() answer { return detail(http.StatusNotFound, "Not found.") }

// invalid is DRF's form of a validation error: messages by field.
func invalid(errs map[string]any) answer { return reply(http.StatusBadRequest, errs) }

// page is a small HTML document, as Django and gateways send them.
func page(status int, title, text string) answer {
	return raw(status, typeHTML, fmt.Sprintf(
		"<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>%s</title>\n</head>\n<body>\n  <h1>%s</h1><p>%s</p>\n</body>\n</html>\n",
		title, title, text))
}

func unknownPath() answer {
	return page(http.StatusNotFound, "Not Found", "The requested resource was not found on this server.")
}

func tooLarge() answer {
	return page(http.StatusRequestEntityTooLarge, "413 Request Entity Too Large", "nginx")
}

func methodNotAllowed(method string, allowed []string) answer {
	a := detail(http.StatusMethodNotAllowed, fmt.Sprintf("Method \"%s\" not allowed.", method))
	a.header.Set("Allow", strings.Join(allowed, ", "))
	return a
}
