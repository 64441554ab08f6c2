package spec

import "strings"

// Bounds of an E.164 number: ITU-T E.164 allows at most 15 digits; the lower
// bound is ours, below which no country's mobile numbers lie.
const (
	minDigits = 7
	maxDigits = 15
)

// normalizeNumber turns a number in international form into "+" and digits.
// The plus may be missing, as in the API's own answers; spaces, dashes, dots
// and parentheses are dropped. The problem is "" when it is sound.
func normalizeNumber(s string) (number, problem, remedy string) {
	const example = `write it with its country code, such as "+44 7700 900111"`
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -.()", r) {
			return -1
		}
		return r
	}, s)
	digits = strings.TrimPrefix(digits, "+")
	switch i := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); {
	case digits == "":
		return "", "holds no digits", example
	case i >= 0:
		return "", "is " + quote(s) + ", which is no phone number", example
	case strings.Contains(s, "(0)"):
		return "", "is " + quote(s) + ": the (0) is not dialled from abroad", "leave the (0) out"
	case strings.HasPrefix(digits, "00"):
		return "", "is " + quote(s) + ", which starts with 00", "write it with + in place of 00"
	case digits[0] == '0':
		return "", "is " + quote(s) + ", a national number", example
	case len(digits) < minDigits:
		return "", "is " + quote(s) + ", which has fewer than 7 digits", example
	case len(digits) > maxDigits:
		return "", "is " + quote(s) + ", which has more than 15 digits", example
	}
	return "+" + digits, "", ""
}
