package serve

import (
	"log/slog"
	"net/http"
	"runtime"
	gosync "sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"wassist-sync/sync"
)

// namespace begins the name of every metric of ours.
const namespace = "wassist_sync"

// The reasons for which a request is refused. They are the only values of the
// label, whatever callers send.
const (
	reasonUnsigned    = "unsigned"     // no signature
	reasonSignature   = "signature"    // a wrong one
	reasonToken       = "token"        // none, or a wrong one
	reasonOrigin      = "origin"       // sent by another site's page
	reasonHost        = "host"         // asked for by a name that is not this machine's
	reasonTooLarge    = "too-large"    // more than is read
	reasonTooSlow     = "too-slow"     // did not come in time
	reasonMalformed   = "malformed"    // not what was expected
	reasonContentType = "content-type" // not JSON
	reasonMethod      = "method"       // not POST
	reasonReplayed    = "replayed"     // came before
	reasonBusy        = "busy"         // too many at once
	reasonUnknown     = "unknown"      // names no target
	reasonNoRequest   = "no-request"   // a connection that closed before it asked
)

// refusals are the series that stand at 0 from the start, so that the first one
// is seen to grow.
var refusals = map[string][]string{
	"hook": {
		reasonUnsigned, reasonSignature, reasonTooLarge, reasonTooSlow, reasonMalformed, reasonContentType,
		reasonMethod, reasonReplayed, reasonBusy,
	},
	"run":        {reasonToken, reasonOrigin, reasonTooLarge, reasonMalformed, reasonMethod, reasonUnknown},
	"page":       {reasonHost},
	"connection": {reasonNoRequest},
}

// The results of a hook that was not refused.
const (
	hookTriggered = "triggered"
	hookIgnored   = "ignored" // another event, repository or ref
	hookPing      = "ping"
)

// Metrics are what serve counts. They have a registry of their own, and no label
// that grows with agents, callers or time.
type Metrics struct {
	registry *prometheus.Registry

	runs                         *prometheus.CounterVec
	durations                    *prometheus.HistogramVec
	requests, tooMany, waited    *prometheus.CounterVec
	changes                      *prometheus.CounterVec
	notices, hooks, refusedTotal *prometheus.CounterVec

	lock  gosync.Mutex
	known map[string]bool // the targets that have series
}

// NewMetrics makes the metrics of a process.
func NewMetrics(version string) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	}
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		runs:     counter("runs_total", "Finished runs.", "target", "trigger", "outcome"),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "run_duration_seconds", Help: "How long runs took.",
			Buckets: []float64{1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600},
		}, []string{"target"}),
		requests:     counter("api_requests_total", "Requests to the Wassist API, repeated ones included.", "target"),
		tooMany:      counter("api_too_many_requests_total", "Requests to the Wassist API that were answered 429.", "target"),
		waited:       counter("api_limit_wait_seconds_total", "Time that runs waited for the request limit.", "target"),
		changes:      counter("changes_total", "Changes that runs tried or had to leave, by what became of them.", "target", "action", "outcome"),
		notices:      counter("notices_total", "Notices to whoever is to be told.", "target", "outcome"),
		hooks:        counter("hooks_total", "Deliveries to /hooks/github that were not refused.", "result"),
		refusedTotal: counter("refused_total", "Requests and connections that were refused.", "at", "reason"),
		known:        map[string]bool{},
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "The version that runs; always 1.",
	}, []string{"version", "goversion"})
	build.WithLabelValues(label(version), runtime.Version()).Set(1)
	m.registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), build,
		m.runs, m.durations, m.requests, m.tooMany, m.waited, m.changes, m.notices, m.hooks, m.refusedTotal,
	)
	for _, result := range []string{hookTriggered, hookIgnored, hookPing} {
		m.hooks.WithLabelValues(result)
	}
	for at, reasons := range refusals {
		for _, reason := range reasons {
			m.refusedTotal.WithLabelValues(at, reason)
		}
	}
	return m
}

// RunEnded counts a run that has ended, and what became of its changes; the report
// is nil when nothing was applied.
func (m *Metrics) RunEnded(target string, run *Run, report *sync.Report) {
	target = label(target)
	m.remember(target)
	m.runs.WithLabelValues(target, label(string(run.Trigger)), label(string(run.Outcome))).Inc()
	m.durations.WithLabelValues(target).Observe(max(0, run.Ended.Sub(run.Started).Seconds()))
	m.requests.WithLabelValues(target).Add(float64(max(0, run.Requests)))
	m.tooMany.WithLabelValues(target).Add(float64(max(0, run.TooMany)))
	m.waited.WithLabelValues(target).Add(max(0, run.Waited.Seconds()))
	if report == nil {
		return
	}
	for i := range report.Results {
		r := &report.Results[i]
		m.changes.WithLabelValues(target, string(r.Action), label(string(r.Outcome))).Inc()
	}
}

// NoticeEnded counts a notice about a target, and whether it could be delivered.
func (m *Metrics) NoticeEnded(target string, err error) {
	outcome := "sent"
	if err != nil {
		outcome = "failed"
	}
	target = label(target)
	m.remember(target)
	m.notices.WithLabelValues(target, outcome).Inc()
}

// remember gives a target the series that stand at 0 until something happens.
func (m *Metrics) remember(target string) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.known[target] {
		return
	}
	m.known[target] = true
	for _, v := range []*prometheus.CounterVec{m.requests, m.tooMany, m.waited} {
		v.WithLabelValues(target)
	}
	for _, outcome := range []string{"sent", "failed"} {
		m.notices.WithLabelValues(target, outcome)
	}
	for _, action := range sync.Actions {
		for _, outcome := range []sync.Outcome{sync.Applied, sync.Failed} {
			m.changes.WithLabelValues(target, string(action), label(string(outcome)))
		}
	}
}

// forget drops the series of targets that the settings no longer have: a process
// that reads its settings again for months must not gather them.
func (m *Metrics) forget(standing map[string]bool) {
	m.lock.Lock()
	defer m.lock.Unlock()
	for target := range m.known {
		if standing[target] {
			continue
		}
		delete(m.known, target)
		gone := prometheus.Labels{"target": target}
		m.durations.DeletePartialMatch(gone)
		for _, v := range []*prometheus.CounterVec{m.runs, m.requests, m.tooMany, m.waited, m.changes, m.notices} {
			v.DeletePartialMatch(gone)
		}
	}
}

func (m *Metrics) hook(result string) { m.hooks.WithLabelValues(result).Inc() }

func (m *Metrics) refused(at, reason string) { m.refusedTotal.WithLabelValues(at, reason).Inc() }

// handler serves the metrics. A few kilobytes are not worth what compressing them
// keeps in memory.
func (m *Metrics) handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		DisableCompression: true, MaxRequestsInFlight: 4,
		// One value that cannot be shown must not hide the others.
		ErrorHandling: promhttp.ContinueOnError,
		ErrorLog:      slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	})
}
