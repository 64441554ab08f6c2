package simulator

// Ids of the default seed. They are fixed, so that a script may name them.
const (
	seedOrganizationID = "0b6f1c2d-9e38-4a71-8f55-c0ffee000001"
	seedAccountID      = "7c2f5e18-3d90-4f0b-b6a4-0d1e2f3a4b55"
	seedConnectorID    = "9a000000-0000-4000-8000-000000000001"

	// sandboxDigits is the shared sandbox number, also where no such number is
	// listed: every agent has a connectUrl.
	sandboxDigits = "447700900999"
)

// newState is what an organization has before anybody used the API. All
// numbers are of a range reserved for fiction.
func newState(o Options) *state {
	st := &state{Version: stateVersion, Organization: organization(o.Organization)}
	if o.Empty {
		return st
	}
	st.Accounts = []*account{{
		ID: seedAccountID, Name: "Harbour Bakery Ltd", WaID: "200000000000001",
		TemplatesURL: "https://business.example/templates",
		Offered:      []offered{{WhatsappID: "100000000000004", Digits: "447700900114", Name: "Harbour Bakery"}},
	}}
	st.Numbers = []*number{
		{
			ID: "11000000-0000-4000-8000-000000000001", Digits: "447700900111", WhatsappID: "100000000000001",
			AccountID: seedAccountID, AnalyticsEnabled: true, Conversations: 3,
		},
		{
			ID: "11000000-0000-4000-8000-000000000002", Digits: "447700900112", WhatsappID: "100000000000002",
			AccountID: seedAccountID, AnalyticsEnabled: true, Conversations: 2, Routing: routingWebhook,
			Webhook: map[string]any{
				"id": "22000000-0000-4000-8000-000000000001", "name": "crm", "url": "https://crm.bakery.example/hook",
			},
		},
		{
			ID: "11000000-0000-4000-8000-000000000009", Digits: sandboxDigits, WhatsappID: "100000000000009",
			Sandbox: true, AnalyticsEnabled: true,
		},
	}
	st.Connectors = []map[string]any{{
		"id": seedConnectorID, "name": "Stripe", "description": "Payments and invoices",
		"url": "https://mcp.stripe.example/mcp", "status": "CONNECTED", "slug": "stripe", "logo": nil,
		"knownTools": []any{
			knownTool("9b000000-0000-4000-8000-000000000001", "list_invoices", "Lists invoices"),
			knownTool("9b000000-0000-4000-8000-000000000002", "create_payment_link", "Makes a link to pay by"),
			knownTool("9b000000-0000-4000-8000-000000000003", "create_refund", "Refunds a payment"),
		},
	}}
	return st
}

func organization(name string) map[string]any {
	id := seedOrganizationID
	if name != DefaultOrganization {
		id = nameID("organization", name)
	}
	return map[string]any{"id": id, "name": name, "isPersonal": false}
}

func knownTool(id, name, description string) map[string]any {
	return map[string]any{
		"id": id, "name": name, "description": description,
		"inputSchema": map[string]any{"type": "object", "properties": map[string]any{}},
	}
}
