/* SPDX-License-Identifier: ISC */

/*
 * options.c - the command line.
 *
 * It is gone through more than once.  First for what does not depend on any
 * value: help, a file, and options that nobody knows, which end it.  Then
 * values are taken: with a file once to see whether they are right, and once
 * when it was read, since the command line has the last word.
 */

#include <getopt.h>
#include <string.h>

#include "config/file.h"
#include "config/operands.h"
#include "config/options.h"
#include "config/review.h"
#include "config/settings.h"

static const char short_options[] = ":Df:hp:qtTu:vVw:";

static const struct option long_options[] = {
	{ "accept-rate", required_argument, NULL, OPT_ACCEPT_RATE },
	{ "allow", required_argument, NULL, OPT_ALLOW },
	{ "check", no_argument, NULL, 't' },
	{ "config", required_argument, NULL, 'f' },
	{ "connect-timeout", required_argument, NULL, OPT_CONNECT },
	{ "daemon", no_argument, NULL, 'D' },
	{ "deny", required_argument, NULL, OPT_DENY },
	{ "dump-config", no_argument, NULL, 'T' },
	{ "half-close-timeout", required_argument, NULL, OPT_HALF_CLOSE },
	{ "help", no_argument, NULL, 'h' },
	{ "idle-timeout", required_argument, NULL, OPT_IDLE },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "log-format", required_argument, NULL, OPT_LOG_FORMAT },
	{ "max-connections", required_argument, NULL, OPT_CONNECTIONS },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "no-sandbox", no_argument, NULL, OPT_NO_SANDBOX },
	{ "per-source", required_argument, NULL, OPT_PER_SOURCE },
	{ "pidfile", required_argument, NULL, 'p' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "shutdown-timeout", required_argument, NULL, OPT_SHUTDOWN },
	{ "source", required_argument, NULL, OPT_SOURCE },
	{ "user", required_argument, NULL, 'u' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ "workers", required_argument, NULL, 'w' },
	{ NULL, 0, NULL, 0 }
};

/* What decides on all the rest. */
struct survey {
	const char *file;
	bool help, version, verbose, quiet, check, dump;
};

/* Also after a run that ended within a word, getopt_long() begins anew. */
static void
begin(void)
{
	opterr = 0;
	optind = 0;
}

static int
next_option(int argc, char **argv)
{
	return (getopt_long(argc, argv, short_options, long_options, NULL));
}

/* An option that getopt does not know. */
static void
unknown_option(struct command *command, char *const *argv)
{
	const char *word = argv[optind - 1];

	if (optopt == 'c')
		command_wrong(command, "-c means different things to different "
		    "programs and nothing to this one; -f names a "
		    "configuration file and -t checks it");
	/* a letter that we know needs no argument, but has got one */
	else if (optopt > UINT8_MAX || (optopt > 0 && optopt != ':' &&
	    strchr(short_options, optopt) != NULL))
		command_wrong(command, "option %s takes no argument", word);
	else if (optopt != 0)
		command_wrong(command, "unknown option -%c", optopt);
	else
		command_wrong(command, "unknown or ambiguous option %s", word);
}

/* The word may be behind us: musl has gone on where the argument would be. */
static void
lacks_argument(struct command *command)
{
	const struct option *option = long_options;

	while (option->name != NULL && option->val != optopt)
		option++;
	if (option->name == NULL)
		command_wrong(command, "option -%c needs an argument", optopt);
	else if (optopt > UINT8_MAX)
		command_wrong(command, "option --%s needs an argument",
		    option->name);
	else
		command_wrong(command, "option -%c, --%s needs an argument",
		    optopt, option->name);
}

static void
survey_option(struct command *command, struct survey *survey, int option,
    char *const *argv)
{
	switch (option) {
	case 'f':
		if (*optarg == '\0')
			command_wrong(command, "--config: the path is empty");
		else if (survey->file != NULL)
			command_wrong(command, "--config is given twice; a file "
			    "can include others");
		survey->file = optarg;
		break;
	case 'h':
		survey->help = true;
		break;
	case 'q':
		survey->quiet = true;
		break;
	case 't':
		survey->check = true;
		break;
	case 'T':
		survey->dump = true;
		break;
	case 'v':
		survey->verbose = true;
		break;
	case 'V':
		survey->version = true;
		break;
	case ':':
		lacks_argument(command);
		break;
	case '?':
		unknown_option(command, argv);
		break;
	}
}

static struct survey
make_survey(struct command *command, int argc, char **argv)
{
	struct survey survey = { .file = NULL };
	int option;

	begin();
	while ((option = next_option(argc, argv)) != -1)
		survey_option(command, &survey, option, argv);
	return (survey);
}

/* What the survey has taken already. */
static bool
is_surveyed(int option)
{
	return (option == 'f' || option == 'h' || option == 't' ||
	    option == 'T' || option == 'V');
}

static void
take_settings(struct command *command, bool beside_file, int argc,
    char **argv)
{
	int option;

	begin();
	while ((option = next_option(argc, argv)) != -1) {
		if (is_surveyed(option))
			continue;
		if (beside_file)
			setting_take_beside_file(command, option, optarg);
		else
			setting_take(command, option, optarg);
	}
}

static enum options_action
outcome(const struct command *command, enum options_action wrong)
{
	if (command->is_out_of_memory)
		command->problems->is_out_of_memory = true;
	if (command->problems->is_out_of_memory)
		return (OPTIONS_FAILED);
	return (problems_count(command->problems) > 0 ? wrong : OPTIONS_RUN);
}

static enum options_action
read_operands(struct command *command, int argc, char **argv)
{
	take_settings(command, false, argc, argv);
	settings_finish(command);
	operands_take(command, argv + optind, argc - optind);
	review_routes(command);
	review_daemon(command);
	return (outcome(command, OPTIONS_WRONG));
}

/*
 * What is wrong with the command line itself, found with a plan that nobody
 * uses: the file is to be read as if there were no options.
 */
static enum options_action
try_settings(struct command *command, int argc, char **argv)
{
	struct plan *plan = command->plan;

	command->plan = plan_create();
	if (command->plan == NULL) {
		command->plan = plan;
		command->is_out_of_memory = true;
		return (outcome(command, OPTIONS_WRONG));
	}
	command->plan->file = plan->file;
	take_settings(command, true, argc, argv);
	if (optind < argc)
		command_wrong(command, "'%s': with -f there is no LISTEN and "
		    "no UPSTREAM; routes are in the file", argv[optind]);
	review_daemon(command);
	plan_release(command->plan);
	command->plan = plan;
	return (outcome(command, OPTIONS_WRONG));
}

static enum options_action
read_file(struct command *command, int argc, char **argv)
{
	enum options_action action;

	action = try_settings(command, argc, argv);
	if (action != OPTIONS_RUN)
		return (action);
	(void)file_read(command->plan, command->plan->file, command->problems);
	take_settings(command, true, argc, argv);
	review_limits(command);
	command->file = command->plan->file;
	review_daemon(command);
	return (outcome(command, OPTIONS_WRONG_FILE));
}

static enum options_action
read_plan(struct command *command, const struct survey *survey, int argc,
    char **argv)
{
	enum options_action action;

	command->plan->file = survey->file;
	action = survey->file != NULL ? read_file(command, argc, argv) :
	    read_operands(command, argc, argv);
	if (action != OPTIONS_RUN)
		return (action);
	if (survey->dump)
		return (OPTIONS_DUMP);
	if (survey->check)
		return (survey->quiet ? OPTIONS_CHECK_QUIETLY : OPTIONS_CHECK);
	return (OPTIONS_RUN);
}

enum options_action
options_parse(struct plan *plan, int argc, char **argv,
    struct problems *problems)
{
	struct command command = { .plan = plan, .problems = problems };
	enum options_action action;
	struct survey survey;

	plan_default_route(&command.route);
	survey = make_survey(&command, argc, argv);
	action = outcome(&command, OPTIONS_WRONG);
	if (action != OPTIONS_RUN)
		return (action);
	if (survey.help)
		return (OPTIONS_HELP);
	if (survey.version)
		return (survey.verbose ? OPTIONS_FACTS : OPTIONS_VERSION);
	return (read_plan(&command, &survey, argc, argv));
}
