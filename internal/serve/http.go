package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// DefaultListen is where serve listens unless told: nobody but this machine
// reaches it.
const DefaultListen = "127.0.0.1:8788"

// TriggerManual is the trigger of a run that somebody asked for on the page.
const TriggerManual Trigger = "manual"

// Watched is what looks at the targets, and may ask for a run.
type Watched interface {
	// States are all targets, in the order of the settings.
	States() []TargetState
	// Ask asks for a run of a target soon, and does not wait for it. It is false
	// when there is no such target, or the process is about to stop.
	Ask(target string, why Trigger) bool
}

// HTTPOptions steer what serve answers over HTTP.
type HTTPOptions struct {
	// Version is shown on the page and in the metrics.
	Version string
	// HookSecret is what GitHub signs its deliveries with. Without one there is
	// no /hooks/github.
	HookSecret string
	// RunToken is what a request to run at once must bring. Without one there is
	// no /run and no button for it.
	RunToken string
	// Metrics are served at /metrics; they are made when nil.
	Metrics *Metrics
	// Log takes what is worth a line; nil is none.
	Log *slog.Logger

	// Now is the clock; time.Now when nil.
	Now func() time.Time

	limits limits // the zero value is the usual one
}

// shortestSecret is the least length of a secret: a shorter one can be guessed.
const shortestSecret = 16

// check completes the options, and refuses secrets that keep nobody out.
func (o *HTTPOptions) check() error {
	for _, s := range []struct{ name, value string }{{"the hook's secret", o.HookSecret}, {"the token for runs", o.RunToken}} {
		if s.value != "" && len(s.value) < shortestSecret {
			return fmt.Errorf("%s has %d characters, and needs %d at least: `openssl rand -hex 32` makes a good one", s.name, len(s.value), shortestSecret)
		}
	}
	if o.Metrics == nil {
		o.Metrics = NewMetrics(o.Version)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.limits = o.limits.or(usualLimits)
	return nil
}

// limits bound what callers can take: time, memory and connections.
type limits struct {
	header, read, write, idle time.Duration
	headerBytes               int
	hookBytes                 int64
	hooksAtOnce               int
}

// usualLimits leave a slow proxy its time, and a slow attacker little. GitHub may
// send up to 25 MiB, but a push of that size is rare, and the schedule sees to it.
var usualLimits = limits{
	header: 5 * time.Second, read: 15 * time.Second, write: 30 * time.Second, idle: 60 * time.Second,
	headerBytes: 16 << 10, hookBytes: 1 << 20, hooksAtOnce: 8,
}

func (l limits) or(usual limits) limits {
	if l == (limits{}) {
		return usual
	}
	return l
}

// site is everything that serve answers over HTTP.
type site struct {
	HTTPOptions
	watched Watched
	pulse   *pulse
	pages   pageCache
	seen    deliveries
	hooks   chan struct{} // holds one for each hook that is being read
}

// NewServer makes the server of the page, the metrics, the health checks and the
// hooks. It is to be run with ServeHTTP.
func NewServer(w Watched, o HTTPOptions) (*http.Server, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &site{HTTPOptions: o, watched: w, pulse: newPulse(w), hooks: make(chan struct{}, o.limits.hooksAtOnce)}
	if err := o.Metrics.watch(s.pulse, o.Now); err != nil {
		return nil, err
	}
	return &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: o.limits.header,
		ReadTimeout:       o.limits.read,
		WriteTimeout:      o.limits.write,
		IdleTimeout:       o.limits.idle,
		MaxHeaderBytes:    o.limits.headerBytes,
		ConnContext:       countRequests,
		ConnState:         s.connection,
		// What goes wrong on a connection is the caller's doing as a rule: the log
		// of a quiet day must not grow with it.
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}, nil
}

func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.Metrics.handler(s.Log))
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc("GET /{$}", s.page)
	if s.RunToken != "" {
		mux.HandleFunc("/run", s.run)
	}
	if s.HookSecret != "" {
		mux.HandleFunc("/hooks/github", s.githubHook)
	}
	return guarded(mux)
}

// guarded sets what every answer carries: nothing here is to be kept, framed,
// guessed at, or led on from.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, ok := r.Context().Value(requestCount{}).(*connection); ok {
			c.asked.Store(true)
		}
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// mostConnections are served at once; more wait until one ends.
const mostConnections = 64

// Listen opens the address that ServeHTTP serves.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("--listen %s: %w; choose another port, or 0 for any", addr, err)
	}
	return watchedListener{netutil.LimitListener(l, mostConnections)}, nil
}

// goodbye is how long answers under way may take when the process is to end.
const goodbye = 3 * time.Second

// ServeHTTP serves until the context ends, and lets answers under way end first.
func ServeHTTP(ctx context.Context, l net.Listener, server *http.Server) error {
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(closed)
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
		defer cancel()
		if err := server.Shutdown(end); err != nil {
			_ = server.Close()
		}
	})
	err := server.Serve(l)
	if !stop() {
		<-closed
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
