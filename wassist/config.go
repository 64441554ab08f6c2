package wassist

import "log/slog"

// PaywallConfig limits what a user may ask before paying.
type PaywallConfig struct {
	MessageLimit         Number           `json:"messageLimit,omitzero"`
	PaywallAction        Optional[string] `json:"paywallAction,omitzero"` // none, purchase_link or terminal
	PaywallURL           Optional[string] `json:"paywallUrl,omitzero"`
	CTAButtonText        Optional[string] `json:"ctaButtonText,omitzero"`
	TerminalStateMessage Optional[string] `json:"terminalStateMessage,omitzero"`
	Extra                Extra            `json:",embed"`
}

// CreditSettings gives users credits to spend on tools.
type CreditSettings struct {
	InitialCredits      Number           `json:"initialCredits,omitzero"`
	CreditGrantPassword Optional[Secret] `json:"creditGrantPassword,omitzero"`
	CreditGrantAmount   Number           `json:"creditGrantAmount,omitzero"`
	Extra               Extra            `json:",embed"`
}

// LogValue shows the amounts, without the password.
func (s CreditSettings) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("initialCredits", string(s.InitialCredits)),
		slog.String("creditGrantAmount", string(s.CreditGrantAmount)))
}
