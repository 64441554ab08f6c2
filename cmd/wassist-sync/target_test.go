package main

import (
	"bytes"
	"strings"
	"testing"

	"wassist-sync/wassist"
)

// An address that everybody on the way can listen to is warned of, without the key.
func TestWarnsOfAKeySentInClear(t *testing.T) {
	for address, warned := range map[string]bool{
		"https://api.example/api/v1/": false, "http://api.example/api/v1/": true, "http://192.0.2.7:8080/": true,
		"http://127.0.0.1:8787/api/v1/": false, "http://localhost/": false, "http://[::1]:80/": false, "http://localhost.example/": true,
	} {
		client, err := wassist.New("canary-key", wassist.WithBaseURL(address))
		if err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		warnClear(console{err: &said}, client)
		if strings.Contains(said.String(), "in clear; use https://") != warned || strings.Contains(said.String(), "canary") {
			t.Errorf("%s: %q", address, said.String())
		}
	}
}
