package report

// MarkdownCode shows a text as inline code, on one line and not too long, for a
// Markdown text of the caller's own.
func MarkdownCode(s string) string { return code(s) }

// MarkdownText shows a sentence so that nothing in it is markup, a mention or a
// link, for a Markdown text of the caller's own.
func MarkdownText(s string) string { return prose(s) }
