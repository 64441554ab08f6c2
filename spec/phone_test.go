package spec

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

func TestNormalizeNumber(t *testing.T) {
	const example = `write it with its country code, such as "+44 7700 900111"`
	for written, want := range map[string]struct{ number, problem, remedy string }{
		"+447700900111":        {"+447700900111", "", ""},
		"447700900111":         {"+447700900111", "", ""},
		"+44 7700 900111":      {"+447700900111", "", ""},
		"+44-7700-900111":      {"+447700900111", "", ""},
		"(44) 7700.900.111":    {"+447700900111", "", ""},
		" + 44 7700900111 ":    {"+447700900111", "", ""},
		"+1 (202) 555-0123":    {"+12025550123", "", ""},
		"1234567":              {"+1234567", "", ""},
		"123456789012345":      {"+123456789012345", "", ""},
		"":                     {"", "holds no digits", example},
		"+":                    {"", "holds no digits", example},
		"123456":               {"", `is "123456", which has fewer than 7 digits`, example},
		"1234567890123456":     {"", `is "1234567890123456", which has more than 15 digits`, example},
		"0044 7700 900111":     {"", `is "0044 7700 900111", which starts with 00`, "write it with + in place of 00"},
		"07700 900111":         {"", `is "07700 900111", a national number`, example},
		"+07700900111":         {"", `is "+07700900111", a national number`, example},
		"+44 (0) 7700 900111":  {"", `is "+44 (0) 7700 900111": the (0) is not dialled from abroad`, "leave the (0) out"},
		"+44 7700 900111 x5":   {"", `is "+44 7700 900111 x5", which is no phone number`, example},
		"44+7700900111":        {"", `is "44+7700900111", which is no phone number`, example},
		"++447700900111":       {"", `is "++447700900111", which is no phone number`, example},
		"٤٤٧٧٠٠٩٠٠١١١":         {"", `is "٤٤٧٧٠٠٩٠٠١١١", which is no phone number`, example},
		"4.47700900111e+11":    {"", `is "4.47700900111e+11", which is no phone number`, example},
		"+44\u00a07700 900111": {"", `is "+44\u00a07700 900111", which is no phone number`, example},
	} {
		number, problem, remedy := normalizeNumber(written)
		if number != want.number || problem != want.problem || remedy != want.remedy {
			t.Errorf("%q: %q, %q, %q; want %q, %q, %q", written, number, problem, remedy, want.number, want.problem, want.remedy)
		}
	}
}

func TestNormalizeNumberIsStable(t *testing.T) {
	e164 := regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	rapid.Check(t, func(t *rapid.T) {
		written := rapid.StringMatching(`\+?[0-9 ().-]{0,22}`).Draw(t, "number")
		number, problem, _ := normalizeNumber(written)
		if (number == "") == (problem == "") {
			t.Fatalf("number %q with problem %q", number, problem)
		}
		if number == "" {
			return
		}
		again, _, _ := normalizeNumber(number)
		if !e164.MatchString(number) || again != number {
			t.Fatalf("%q gives %q, and that gives %q", written, number, again)
		}
	})
}
