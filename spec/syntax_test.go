package spec

import (
	"strings"
	"testing"
)

// TestSyntax covers files that are not YAML, or not text.
func TestSyntax(t *testing.T) {
	runProblems(t, []problemCase{
		{"tab", "name: A\npaywallConfig:\n\tmessageLimit: 1\n", []string{
			"agents/a.yaml:3:1: is indented with a tab, which YAML does not allow; use spaces",
		}},
		{"tab after spaces", "name: A\npaywallConfig:\n  \tmessageLimit: 1\n", []string{
			"agents/a.yaml:3:3: is indented with a tab, which YAML does not allow; use spaces",
		}},
		{"tab in a block text", "name: A\ndescription: |\n  a\n  \tb\n", nil},
		{"colon in a text", `name: A
description: Note: this
`, []string{
			"agents/a.yaml:2:1: is not valid YAML: mapping values are not allowed in this context; put a text that holds \": \" in quotes, or check the indentation",
		}},
		{"quote not closed", `name: A
description: "abc
firstMessage: x
`, []string{
			"agents/a.yaml:2:1: is not valid YAML: found unexpected end of stream; close the quote that is opened here",
		}},
		{"quote not closed in line 1", `name: "abc
firstMessage: x
`, []string{
			"agents/a.yaml:1:1: is not valid YAML: found unexpected end of stream; close the quote that is opened here",
		}},
		{"bracket not closed", `name: A
icebreakers: [a, b
firstMessage: x
`, []string{
			"agents/a.yaml:2:1: is not valid YAML: did not find expected ',' or ']'; close the bracket, or put the text in quotes",
		}},
		{"bad indentation", `name: A
paywallConfig:
    messageLimit: 1
  paywallUrl: https://x.example/
`, []string{
			"agents/a.yaml:4:3: is not valid YAML: did not find expected key; check the indentation, quotes and brackets of this line and the one before",
		}},
		{"list and keys mixed", `name: A
icebreakers:
  - a
  b: c
`, []string{
			"agents/a.yaml:4:3: is not valid YAML: did not find expected '-' indicator; check the indentation, quotes and brackets of this line and the one before",
		}},
		{"at sign", `name: A
description: @home
`, []string{
			"agents/a.yaml:2:1: is not valid YAML: found character that cannot start any token; put the text in quotes",
		}},
		{"percent sign", `name: A
description: %A%
`, []string{
			"agents/a.yaml:2:1: is not valid YAML: found character that cannot start any token; put the text in quotes",
		}},
		{"escape", `name: A
description: "a\qb"
`, []string{
			"agents/a.yaml:2:1: is not valid YAML: found unknown escape character; double the \\, or use single quotes",
		}},
		{"asterisks", `name: A
description: **bold**
`, []string{
			"agents/a.yaml:2:1: is not valid YAML: did not find expected alphabetic or numeric character; put a text that starts with * or & in quotes",
		}},
		{"text after the document", `{name: A}
b: c
`, []string{
			"agents/a.yaml:2:1: is not valid YAML: did not find expected <document start>; check the indentation, quotes and brackets of this line and the one before",
		}},
		{"in the second of three documents", `name: A
colour: a
---
name: "B
---
name: C
flavour: b
`, []string{
			"agents/a.yaml:2:1: colour: is not a known key; known keys are name, id, previousNames, deploy, lifecycle, description, systemPrompt, firstMessage, icebreakers, llmModel, reasoningEffort, tools, websiteTools, handoffTools, mcpConfigs, imageGenerateTools, wakeUpConfigs, memoryKeys, outboundTriggers, paywallConfig, creditSettings",
			"agents/a.yaml:4:1: is not valid YAML: found unexpected end of stream; close the quote that is opened here",
			"agents/a.yaml:7:1: flavour: is not a known key; known keys are name, id, previousNames, deploy, lifecycle, description, systemPrompt, firstMessage, icebreakers, llmModel, reasoningEffort, tools, websiteTools, handoffTools, mcpConfigs, imageGenerateTools, wakeUpConfigs, memoryKeys, outboundTriggers, paywallConfig, creditSettings",
		}},
		{"two documents", `name: A
---
name: B
description: [a: b: c]
---
name: "C
`, []string{
			"agents/a.yaml:4:1: is not valid YAML: did not find expected ',' or ']'; close the bracket, or put the text in quotes",
			"agents/a.yaml:6:1: is not valid YAML: found unexpected end of stream; close the quote that is opened here",
		}},
		{"invalid UTF-8", "name: A\ndescription: \xc3\xa9\xff\n", []string{
			"agents/a.yaml:2:15: holds the byte 0xFF, which is not UTF-8; save it as UTF-8",
		}},
		{"UTF-16", "\xff\xfen\x00", []string{
			"agents/a.yaml:1:1: is UTF-16, must be UTF-8; save it as UTF-8",
		}},
		{"UTF-16 big-endian", "\xfe\xff\x00n", []string{
			"agents/a.yaml:1:1: is UTF-16, must be UTF-8; save it as UTF-8",
		}},
		{"control character", "name: A\ndescription: é\x07\n", []string{
			"agents/a.yaml:2:15: holds the control character U+0007; remove it, or write it as an escape in double quotes",
		}},
		{"NUL", "name: A\n\x00", []string{
			"agents/a.yaml:2:1: holds the control character U+0000; remove it, or write it as an escape in double quotes",
		}},
		{"line separator", "name: A\ndescription: a\u2028b\n", []string{
			"agents/a.yaml:2:15: holds the line separator U+2028, which YAML parsers disagree about; remove it, or write it as \\u2028 in double quotes",
		}},
		{"next line", "name: A\ndescription: a\u0085b\n", []string{
			"agents/a.yaml:2:15: holds the line separator U+0085, which YAML parsers disagree about; remove it, or write it as \\u0085 in double quotes",
		}},
		{"byte order mark inside", "name: A\n---\n\ufeffname: B\n", []string{
			"agents/a.yaml:3:1: holds a byte order mark, U+FEFF; remove it: it may stand at the start of a file only",
		}},
		{"byte order mark", "\ufeffname: A\ncolour: x\n", []string{
			"agents/a.yaml:2:1: colour: is not a known key; known keys are name, id, previousNames, deploy, lifecycle, description, systemPrompt, firstMessage, icebreakers, llmModel, reasoningEffort, tools, websiteTools, handoffTools, mcpConfigs, imageGenerateTools, wakeUpConfigs, memoryKeys, outboundTriggers, paywallConfig, creditSettings",
		}},
		{"columns count characters", `name: A
paywallConfig: {"é😀": 1, b: 2}
`, []string{
			"agents/a.yaml:2:17: paywallConfig.é😀: is not a known key; known keys are messageLimit, paywallAction, paywallUrl, ctaButtonText, terminalStateMessage",
			"agents/a.yaml:2:26: paywallConfig.b: is not a known key; known keys are messageLimit, paywallAction, paywallUrl, ctaButtonText, terminalStateMessage",
		}},
		{"CRLF", "name: A\r\ncolour: x\r\n---\r\nname: B\r\ncolour: x\r\n", []string{
			"agents/a.yaml:2:1: colour: is not a known key; known keys are name, id, previousNames, deploy, lifecycle, description, systemPrompt, firstMessage, icebreakers, llmModel, reasoningEffort, tools, websiteTools, handoffTools, mcpConfigs, imageGenerateTools, wakeUpConfigs, memoryKeys, outboundTriggers, paywallConfig, creditSettings",
			"agents/a.yaml:5:1: colour: is not a known key; known keys are name, id, previousNames, deploy, lifecycle, description, systemPrompt, firstMessage, icebreakers, llmModel, reasoningEffort, tools, websiteTools, handoffTools, mcpConfigs, imageGenerateTools, wakeUpConfigs, memoryKeys, outboundTriggers, paywallConfig, creditSettings",
		}},
		{"lone CR", "name: A\rcolour: x\r", []string{
			"agents/a.yaml:2:1: colour: is not a known key; known keys are name, id, previousNames, deploy, lifecycle, description, systemPrompt, firstMessage, icebreakers, llmModel, reasoningEffort, tools, websiteTools, handoffTools, mcpConfigs, imageGenerateTools, wakeUpConfigs, memoryKeys, outboundTriggers, paywallConfig, creditSettings",
		}},
		{"empty file", "", []string{
			"agents/a.yaml: holds no definition; add one with at least a name, delete the file, or let its name start with _",
		}},
		{"white space", " \n\t\n", []string{
			"agents/a.yaml: holds no definition; add one with at least a name, delete the file, or let its name start with _",
		}},
		{"comments", "# nothing\n", []string{
			"agents/a.yaml: holds no definition; add one with at least a name, delete the file, or let its name start with _",
		}},
		{"markers only", `---
---
...
`, []string{
			"agents/a.yaml: holds no definition; add one with at least a name, delete the file, or let its name start with _",
		}},
		{"byte order mark only", "\ufeff", []string{
			"agents/a.yaml: holds no definition; add one with at least a name, delete the file, or let its name start with _",
		}},
		{"empty documents around one", `# c
---
# c
---
name: A
---
# c
`, nil},
		{"directives", `%YAML 1.1
---
name: A
...
%YAML 1.1
---
name: B
...
name: C
`, nil},
		{"directive of another version", `%YAML 1.2
---
name: A
`, []string{
			"agents/a.yaml:1:1: is not valid YAML: found incompatible YAML document; remove the line that starts with %YAML",
		}},
		{"too many directives", "name: A\n...\n# c\n" + strings.Repeat("%TAG !a! !\n", 101) + "---\nname: B\n", []string{
			"agents/a.yaml:104:1: has more than 100 directives; leave out the lines that start with %",
		}},
		{"question marks in brackets", `name: A
icebreakers: [Where is my order?, "Really?", What? No]
mcpConfigs: [{connector: a?b, toolWhitelist: [x?]}]
`, nil},
		{"question marks and private use characters", "name: A\nicebreakers: [\ue000?\ue001, b]\n", nil},
		{"question marks and an unknown key", `name: A
icebreakers: [a?, b]
why?: x
`, []string{
			"agents/a.yaml:3:1: why?: is not a known key; known keys are name, id, previousNames, deploy, lifecycle, description, systemPrompt, firstMessage, icebreakers, llmModel, reasoningEffort, tools, websiteTools, handoffTools, mcpConfigs, imageGenerateTools, wakeUpConfigs, memoryKeys, outboundTriggers, paywallConfig, creditSettings",
		}},
		{"question marks and a mistake", `name: A
icebreakers: [Where is my order?, b]
description: a: b
`, []string{
			"agents/a.yaml:3:1: is not valid YAML: mapping values are not allowed in this context; put a text that holds \": \" in quotes, or check the indentation",
		}},
	})
}
