package main

import (
	"strings"
	"testing"
)

// TestDefinitionsTakeNoSecretOfTheTool: also not by another spelling, which is
// the same variable on Windows.
func TestDefinitionsTakeNoSecretOfTheTool(t *testing.T) {
	c := console{lookupEnv: func(name string) (string, bool) { return "value of " + strings.ToUpper(name), true }}
	for _, name := range []string{keyVariable, gitTokenVariable, passphraseVariable, hubTokenVariable, idTokenVariable} {
		for _, spelled := range []string{name, strings.ToLower(name), name[:1] + strings.ToLower(name[1:])} {
			if value, ok := c.environment(spelled); ok || value != "" {
				t.Errorf("%s gives %q", spelled, value)
			}
		}
	}
	if value, ok := c.environment("orders_token"); !ok || value != "value of ORDERS_TOKEN" {
		t.Errorf("another variable gives %q", value)
	}
}
