package main

import (
	"context"
	"fmt"

	"wassist-sync/internal/serve"
)

// runServeCheck asks a serve that runs whether it is ready: 0, or 1 and a line that
// says why not. It is the health check of a container.
func runServeCheck(ctx context.Context, c console, listen string) error {
	if err := serve.Check(ctx, listen); err != nil {
		return err
	}
	_, err := fmt.Fprintln(c.out, "ready")
	return err
}
