package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// stateVersion is the version of the state file's form.
const stateVersion = 1

// state is everything the server remembers, in the form of the state file.
type state struct {
	Version      int              `json:"version"`
	Organization map[string]any   `json:"organization"`
	Agents       []*agent         `json:"agents"` // oldest first
	Numbers      []*number        `json:"numbers"`
	Accounts     []*account       `json:"accounts"`
	Connectors   []map[string]any `json:"connectors"`
	LinkSessions []map[string]any `json:"linkSessions"`
	Simulations  []map[string]any `json:"simulations"`
	Issued       uint64           `json:"issued"` // ids made from Options.Seed
}

// agent is one stored agent. Fields holds what an answer shows, without the
// values that are computed for each answer.
type agent struct {
	ID        string         `json:"id"`
	CreatedAt string         `json:"createdAt"`
	Deleted   bool           `json:"deleted,omitempty"` // soft: kept, never shown
	Shared    []string       `json:"shared,omitempty"`  // numbers it was shared with
	Fields    map[string]any `json:"fields"`
}

// number is one stored phone number.
type number struct {
	ID               string         `json:"id"`
	Digits           string         `json:"number"`
	WhatsappID       string         `json:"whatsappPhoneNumberId"`
	AccountID        string         `json:"accountId,omitempty"`
	AgentID          string         `json:"agentId,omitempty"`
	Routing          any            `json:"defaultRouting"`
	Webhook          map[string]any `json:"defaultWebhook"`
	Sandbox          bool           `json:"isSandbox"`
	AnalyticsEnabled bool           `json:"analyticsEnabled"`
	Conversations    int            `json:"conversations"` // running ones, each with a session
}

// account is one stored WhatsApp Business account.
type account struct {
	ID           string    `json:"id"`
	Name         any       `json:"name"`
	WaID         string    `json:"waId"`
	TemplatesURL string    `json:"templatesUrl"`
	Offered      []offered `json:"offered"` // numbers at Meta that Wassist does not have yet
}

type offered struct {
	WhatsappID string `json:"id"`
	Digits     string `json:"number"`
	Name       string `json:"verifiedName"`
}

// timeForm is the API's form of a time: UTC with microseconds.
const timeForm = "2006-01-02T15:04:05.000000Z"

func (s *Server) timestamp() string { return s.opt.Now().UTC().Format(timeForm) }

// loadState reads a state file. A file that does not exist is no error and no
// state.
func loadState(name string) (*state, error) {
	if name == "" {
		return nil, nil
	}
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("simulator: reading the state file: %w", err)
	}
	var st state
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	if err := dec.Decode(&st); err != nil {
		return nil, fmt.Errorf("simulator: state file %s is not one (%w); name another file, or remove it to start anew", name, err)
	}
	if st.Version != stateVersion {
		return nil, fmt.Errorf("simulator: state file %s has version %d, this program knows version %d; remove it to start anew", name, st.Version, stateVersion)
	}
	return &st, nil
}

// writable finds out whether the state file could be saved, before anything
// depends on it.
func writable(name string) error {
	if name == "" {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".simulator-*")
	if err != nil {
		return fmt.Errorf("simulator: the folder of the state file %s cannot be written: %w", name, err)
	}
	_ = f.Close()
	return os.Remove(f.Name())
}

// saveState replaces the state file in one step, so that a process killed at
// any point leaves either the old or the new one.
func saveState(name string, content []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(content); err != nil {
		_ = f.Close()
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

func (s *Server) encodeState() ([]byte, error) {
	b, err := encode(s.st)
	if err != nil {
		return nil, err
	}
	return append(b, '\n'), nil
}

// agentByID finds an agent that has not been deleted.
func (st *state) agentByID(id string) *agent {
	if a := st.anyAgent(id); a != nil && !a.Deleted {
		return a
	}
	return nil
}

func (st *state) anyAgent(id string) *agent {
	for _, a := range st.Agents {
		if a.ID == id {
			return a
		}
	}
	return nil
}

func (st *state) numberByDigits(digits string) *number {
	for _, n := range st.Numbers {
		if n.Digits == digits {
			return n
		}
	}
	return nil
}

func (st *state) accountByID(id string) *account {
	for _, a := range st.Accounts {
		if a.ID == id {
			return a
		}
	}
	return nil
}

func byID(list []map[string]any, id string) map[string]any {
	for _, m := range list {
		if m["id"] == id {
			return m
		}
	}
	return nil
}

// ceilSeconds rounds up to whole seconds, as DRF does in a Retry-After.
func ceilSeconds(d time.Duration) int64 {
	return int64((d + time.Second - 1) / time.Second)
}
