package wassist

import (
	"context"
	"log/slog"
)

// Connector is an MCP server that agents may use by way of an [MCPConfig].
type Connector struct {
	ID         string                    `json:"id,omitzero"`
	Name       string                    `json:"name,omitzero"`
	URL        Optional[Secret]          `json:"url,omitzero"` // may hold a token
	Status     Optional[string]          `json:"status,omitzero"`
	Slug       Optional[string]          `json:"slug,omitzero"`
	KnownTools Optional[[]ConnectorTool] `json:"knownTools,omitzero"`
	Extra      Extra                     `json:",embed"`
}

// ConnectorTool is a tool that a connector offers.
type ConnectorTool struct {
	ID          string           `json:"id,omitzero"`
	Name        string           `json:"name,omitzero"`
	Description Optional[string] `json:"description,omitzero"`
	InputSchema Raw              `json:"inputSchema,omitzero"` // JSON Schema
	Extra       Extra            `json:",embed"`
}

// LogValue shows which connector it is, without its URL.
func (c Connector) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", c.ID), slog.String("name", c.Name))
}

// ConnectorsService is the connectors of the key's organization. Only the current API has it.
type ConnectorsService struct{ client *Client }

// List returns all connectors.
func (s *ConnectorsService) List(ctx context.Context) ([]Connector, error) {
	l, err := readAll(ctx, s.client, func(c Connector) string { return c.ID }, "integrations", "connectors")
	return l.items, err
}
