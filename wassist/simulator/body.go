package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"unicode/utf8"
)

// object reads a JSON object from a call's body. The answer tells what is
// wrong when ok is false. An empty body is an empty object, as in DRF.
func (c *call) object() (data map[string]any, a answer, ok bool) {
	if len(c.body) == 0 {
		return map[string]any{}, answer{}, true
	}
	contentType := c.r.Header.Get("Content-Type")
	if media, _, err := mime.ParseMediaType(contentType); err != nil || media != typeJSON {
		return nil, detail(http.StatusUnsupportedMediaType,
			fmt.Sprintf("Unsupported media type \"%s\" in request.", contentType)), false
	}
	v, problem := decode(c.body)
	if problem != "" {
		return nil, detail(http.StatusBadRequest, "JSON parse error - "+problem), false
	}
	data, ok = v.(map[string]any)
	if !ok {
		return nil, invalid(notDictionary(v)), false
	}
	return data, answer{}, true
}

// decode parses one JSON value, and words the problem as Python's decoder
// does; "" means that there is none.
func decode(b []byte) (v any, problem string) {
	if !utf8.Valid(b) {
		at := 0
		for r, n := utf8.DecodeRune(b); r != utf8.RuneError || n != 1; r, n = utf8.DecodeRune(b[at:]) {
			at += n
		}
		return nil, fmt.Sprintf("'utf-8' codec can't decode byte 0x%02x in position %d: invalid start byte", b[at], at)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		at := len(b)
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			at = max(int(syntax.Offset)-1, 0)
		}
		return nil, "Expecting value: " + position(b, at)
	}
	end := int(dec.InputOffset())
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, "Extra data: " + position(b, end)
	}
	return v, ""
}

func position(b []byte, at int) string {
	at = min(at, len(b))
	line := 1 + bytes.Count(b[:at], []byte("\n"))
	column := at - bytes.LastIndexByte(b[:at], '\n')
	return fmt.Sprintf("line %d column %d (char %d)", line, column, at)
}
