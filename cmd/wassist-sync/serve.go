package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wassist-sync/internal/serve"
	"wassist-sync/internal/source"
)

// notifyVariable holds the address for notices: whoever has it can write there.
const notifyVariable = "WASSIST_SYNC_NOTIFY_URL"

// serveFlags are the flags of serve. What they say holds for every target that
// does not say otherwise.
type serveFlags struct {
	planFlags
	folder, mode, schedule, timezone string
	jitter                           time.Duration

	targets, notifyFile string
	once                bool
	http                httpFlags
}

func newServe(c console) *cobra.Command {
	var flags serveFlags
	cmd := &cobra.Command{
		Use:   "serve [PATH]",
		Short: "Keep Wassist in line with a branch, on a schedule, for months",
		Long: `Fetches a branch of a Git remote, applies the definitions below PATH (default:
agents) at once and then on a schedule, and goes on until it is told to stop
(SIGTERM: the request under way is finished; a second one ends at once).
SIGHUP reads the settings again.

With --once it makes one round and ends with the exit code of apply: for a
Kubernetes CronJob.`,
		Example: `  WASSIST_API_KEY=… wassist-sync serve --repo https://github.com/example/agents.git --ref main --schedule "*/15 * * * *"
  wassist-sync serve --targets targets.yaml --once`,
		Args: onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				if flags.flags.Changed("path") {
					return usage("the folder is given twice: as an argument and with --path")
				}
				flags.folder = args[0]
			}
			return runServe(cmd.Context(), c, &flags)
		},
	}
	f := cmd.Flags()
	flags.addShared(f)
	f.StringVar(&flags.targets, "targets", "", "keep all targets that this `FILE` lists")
	f.StringVar(&flags.notifyFile, "notify-url-file", "", "a file that holds the address that notices are posted to (else "+notifyVariable+")")
	f.BoolVar(&flags.once, "once", false, "make one round and end")
	flags.http.add(f)
	return cmd
}

// addShared adds what a target may say for itself.
func (s *serveFlags) addShared(f *pflag.FlagSet) {
	s.flags = f
	s.source.add(f)
	s.target.add(f)
	s.addDecisions(f)
	f.StringVar(&s.folder, "path", "agents", "the folder of the definitions inside the repository, as PATH")
	f.StringVar(&s.mode, "mode", serve.ModeApply, "apply, or plan: only report what differs")
	f.StringVar(&s.schedule, "schedule", "*/15 * * * *", "when to run: five cron fields, @hourly and its kin, or @every `DURATION`")
	f.StringVar(&s.timezone, "timezone", "", "the time `ZONE` of the schedule, such as Europe/London (default: the machine's)")
	f.DurationVar(&s.jitter, "jitter", 0, "delay each scheduled run by a random time below this")
}

func runServe(ctx context.Context, c console, flags *serveFlags) error {
	if flags.http.check {
		return runServeCheck(ctx, c, flags.http.listen)
	}
	log, err := flags.target.loggerFrom(c, slog.LevelInfo)
	if err != nil {
		return err
	}
	fleet := &fleet{console: c, flags: flags, kept: map[string]*keptTarget{}}
	configs, err := fleet.configs()
	if err != nil {
		return err
	}
	metrics := serve.NewMetrics(version())
	options := serve.Options{Log: log, Relax: debug.FreeOSMemory, RunEnded: metrics.RunEnded, NoticeEnded: metrics.NoticeEnded}
	if options.Notify, err = flags.notify(c); err != nil {
		return err
	}
	daemon, err := serve.New(configs, options)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	if flags.once {
		return roundCode(daemon.Once(ctx))
	}
	stop, err := flags.http.start(ctx, c, daemon, metrics, log)
	if err != nil {
		return err
	}
	defer stop()
	for i, config := range configs {
		about := []any{"target", config.Name, "repository", daemon.States()[i].Repository, "ref", config.Ref, "path", config.Path, "mode", config.Mode, "schedule", config.Schedule.String()}
		if config.Env != "" {
			about = append(about, "environment", config.Env)
		}
		log.Info("serving", about...)
	}
	context.AfterFunc(ctx, func() { log.Info("stopping when what is under way is finished; a second signal ends it at once") })
	ended := make(chan struct{})
	defer close(ended)
	fleet.reloadOnHangup(ended, daemon, log)
	if err := daemon.Run(ctx); err != nil {
		return err
	}
	log.Info("stopped")
	return nil
}

// reloadOnHangup reads the settings again with each SIGHUP. Settings that are
// wrong are told, and the old ones stay.
func (f *fleet) reloadOnHangup(ended <-chan struct{}, daemon *serve.Daemon, log *slog.Logger) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	go func() {
		defer signal.Stop(hangups)
		for {
			select {
			case <-ended:
				return
			case <-hangups:
			}
			configs, err := f.configs()
			if err == nil {
				err = daemon.Reload(configs)
			}
			if err != nil {
				log.Error("the settings cannot be read again, and stay as they were", "error", err.Error())
			}
		}
	}()
}

// notify gives what posts notices; nil when there is no address.
func (s *serveFlags) notify(c console) (func(context.Context, *serve.Notice) error, error) {
	address, _ := c.lookupEnv(notifyVariable)
	if s.notifyFile != "" {
		b, err := os.ReadFile(s.notifyFile)
		if err != nil {
			return nil, usage("--notify-url-file: %v", err)
		}
		address = string(b)
	}
	if address = strings.TrimSpace(address); address == "" {
		if s.notifyFile != "" {
			return nil, usage("--notify-url-file: %s is empty", s.notifyFile)
		}
		return nil, nil
	}
	post, err := serve.Webhook(address, serve.WebhookTransport())
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	return post, nil
}

// roundCode is the exit code of one round: that of the worst target.
func roundCode(results []serve.Result) error {
	severity := []int{exitRefused, exitInvalid, exitUsage, exitFailed}
	worst := -1
	for _, r := range results {
		code := exitFailed
		switch {
		case r.Err == nil:
			continue
		case r.Run.Outcome == serve.OutcomeRefused:
			code = exitRefused
		case r.Run.Outcome == serve.OutcomeInvalid:
			code = exitInvalid
		case errors.Is(r.Err, source.ErrUsage):
			code = exitUsage
		}
		for i, known := range severity {
			if known == code {
				worst = max(worst, i)
			}
		}
	}
	if worst < 0 {
		return nil
	}
	if len(results) == 1 {
		return &exitError{severity[worst], results[0].Err}
	}
	return &exitError{severity[worst], fmt.Errorf("not every target is in line; the log says more")}
}
