/* SPDX-License-Identifier: ISC */

/*
 * yaml.c - from the events of libfyaml to a tree.
 *
 * Events come one after the other while the text is read, so that what is
 * too deep or too much is refused before it takes memory.  An alias is a
 * second way to the node of its anchor; how much a walk through all of them
 * would meet is counted as they come.
 */

#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdlib.h>
#include <string.h>

#include "config/source.h"

#ifdef HAVE_FYAML

#include <libfyaml.h>

#include "config/syntax.h"
#include "config/tree.h"

#define INPUT_BYTES_MAX	4096

struct builder {
	struct tree tree;
	struct fy_diag *diag;
	char complaint[128];	/* that the library has no place for */
	bool has_document;
	char *text;		/* of the last token, not terminated */
	size_t used, size;
};

/* An offset of the text, within its bounds whatever comes. */
static size_t
offset_of(const struct builder *builder, const struct fy_mark *mark)
{
	return (mark != NULL && mark->input_pos < builder->tree.source->length ?
	    mark->input_pos : builder->tree.source->length);
}

static int
append(struct builder *builder, const struct fy_iter_chunk *chunk)
{
	const size_t used = builder->used;
	size_t size = builder->size;
	char *larger;

	while (size < used + chunk->len)
		size = size == 0 ? 256 : 2 * size;
	if (size != builder->size) {
		larger = realloc(builder->text, size);
		if (larger == NULL)
			return (-1);
		builder->text = larger;
		builder->size = size;
	}
	memcpy(builder->text + used, chunk->str, chunk->len);
	builder->used += chunk->len;
	return (0);
}

/*
 * The text of a token, until the next one is asked for.  By pieces, since
 * fy_token_get_text() of libfyaml 0.7.12 leaks where there are many.
 */
static const char *
token_text(struct builder *builder, struct fy_token *token, size_t *length)
{
	const struct fy_iter_chunk *chunk = NULL;
	struct fy_token_iter *iter;
	int error = 0;

	*length = builder->used = 0;
	if (token == NULL)
		return ("");
	iter = fy_token_iter_create(token);
	while (iter != NULL && error == 0 &&
	    (chunk = fy_token_iter_chunk_next(iter, chunk, &error)) != NULL)
		error = append(builder, chunk);
	fy_token_iter_destroy(iter);
	if (iter == NULL || error != 0) {
		builder->tree.problems->is_out_of_memory = true;
		builder->tree.has_failed = true;
	}
	*length = builder->used;
	return (builder->used == 0 ? "" : builder->text);
}

static void
take_anchor(struct builder *builder, struct fy_event *event, struct node *node)
{
	struct fy_token *token = fy_event_get_anchor_token(event);
	const char *name;
	size_t length;

	if (token == NULL || node == NULL)
		return;
	name = token_text(builder, token, &length);
	tree_anchor(&builder->tree, node, name, length);
}

static void
on_value(struct builder *builder, struct fy_event *event)
{
	struct fy_token *token = event->scalar.value;
	const struct fy_mark *mark = fy_event_start_mark(event);
	const char *text;
	size_t length, offset;

	offset = mark == NULL ? tree_next_place(&builder->tree) :
	    offset_of(builder, mark);
	/* the text of a block begins with its indentation */
	offset += strspn(builder->tree.source->text + offset, " ");
	text = token_text(builder, token, &length);
	take_anchor(builder, event, tree_value(&builder->tree, offset, text,
	    length, token == NULL ||
	    fy_token_scalar_style(token) == FYSS_PLAIN));
}

static void
on_start(struct builder *builder, struct fy_event *event, enum node_kind kind)
{
	take_anchor(builder, event, tree_open(&builder->tree,
	    offset_of(builder, fy_event_start_mark(event)), kind));
}

static void
on_alias(struct builder *builder, struct fy_event *event)
{
	const char *name;
	size_t length, offset;

	name = token_text(builder, event->alias.anchor, &length);
	offset = offset_of(builder, fy_event_start_mark(event));
	/* the mark is behind the star */
	tree_alias(&builder->tree, offset > 0 ? offset - 1 : 0, name, length);
}

static void
on_document(struct builder *builder, struct fy_event *event)
{
	struct fy_token *token = event->document_start.document_start;

	if (builder->has_document)
		tree_refuse(&builder->tree, offset_of(builder,
		    token == NULL ? NULL : fy_token_start_mark(token)),
		    "a second document begins here; a configuration is a "
		    "single one");
	builder->has_document = true;
}

static void
on_event(struct builder *builder, struct fy_event *event)
{
	struct fy_token *tag = fy_event_get_tag_token(event);

	if (tag != NULL) {
		tree_refuse(&builder->tree,
		    offset_of(builder, fy_token_start_mark(tag)),
		    "tags have no meaning here; leave it out, or quote a "
		    "value that begins with !");
		return;
	}
	switch ((int)event->type) {	/* later versions have more */
	case FYET_DOCUMENT_START:
		on_document(builder, event);
		break;
	case FYET_MAPPING_START:
		on_start(builder, event, NODE_MAPPING);
		break;
	case FYET_SEQUENCE_START:
		on_start(builder, event, NODE_LIST);
		break;
	case FYET_MAPPING_END:
	case FYET_SEQUENCE_END:
		tree_close(&builder->tree);
		break;
	case FYET_SCALAR:
		on_value(builder, event);
		break;
	case FYET_ALIAS:
		on_alias(builder, event);
		break;
	default:
		break;
	}
}

/* What the library says without a place comes here, not to stderr. */
static void
keep_complaint(struct fy_diag *diag, void *context, const char *text,
    size_t length)
{
	static const char mark[] = "[ERR]: ";
	struct builder *builder = context;

	(void)diag;
	if (length >= sizeof(mark) && strncmp(text, mark, 7) == 0) {
		text += sizeof(mark) - 1;
		length -= sizeof(mark) - 1;
	}
	if (builder->complaint[0] == '\0')
		(void)snprintf(builder->complaint, sizeof(builder->complaint),
		    "%.*s", length > 100 ? 100 : (int)strcspn(text, "\n"), text);
}

/* What the library says of its functions, or does not say, is for want of memory. */
static bool
is_shortage(const char *message)
{
	return (*message == '\0' || strncmp(message, "fy_", 3) == 0);
}

/* The first error is the cause of those that follow. */
static void
report_syntax(struct builder *builder)
{
	struct tree *tree = &builder->tree;
	const struct fy_diag_error *error;
	void *iterator = NULL;

	error = fy_diag_errors_iterate(builder->diag, &iterator);
	if (is_shortage(error == NULL ? builder->complaint : error->msg))
		tree->problems->is_out_of_memory = true;
	else if (error == NULL)
		syntax_problem(tree->source, 0, NULL,
		    builder->complaint, tree->problems);
	else
		syntax_problem(tree->source, offset_of(builder,
		    error->fyt == NULL ? NULL :
		    fy_token_start_mark(error->fyt)), tree->depth == 0 ? NULL :
		    tree->open[tree->depth - 1], error->msg, tree->problems);
	tree->has_failed = true;
}

static void
build(struct builder *builder, struct fy_parser *parser)
{
	struct fy_event *event;

	while (!builder->tree.has_failed &&
	    (event = fy_parser_parse(parser)) != NULL) {
		on_event(builder, event);
		fy_parser_event_free(parser, event);
	}
	if (!builder->tree.has_failed && fy_parser_get_stream_error(parser))
		report_syntax(builder);
}

/*
 * libfyaml 0.7 does not look whether it got the memory of an input, which is
 * less than this: what is freed here, it finds.
 */
static bool
has_room(void)
{
	void *volatile room = malloc(INPUT_BYTES_MAX);

	free(room);
	return (room != NULL);
}

int
yaml_parse(struct source *source, struct problems *problems)
{
	struct builder *builder = calloc(1, sizeof(*builder));
	struct fy_diag_cfg quiet;
	struct fy_parse_cfg config = { .flags = FYPCF_JSON_NONE };
	struct fy_parser *parser = NULL;
	int result = -1;

	if (builder == NULL) {
		problems->is_out_of_memory = true;
		return (-1);
	}
	fy_diag_cfg_default(&quiet);
	quiet.fp = NULL;
	quiet.output_fn = keep_complaint;
	quiet.user = builder;
	config.diag = fy_diag_create(&quiet);
	if (config.diag != NULL) {
		fy_diag_set_collect_errors(config.diag, true);
		parser = fy_parser_create(&config);
	}
	if (parser == NULL || !has_room() || fy_parser_set_string(parser,
	    source->text, source->length) != 0) {
		problems->is_out_of_memory = true;
		source_problem(source, 0, problems, "out of memory");
	} else {
		builder->tree.source = source;
		builder->tree.problems = problems;
		builder->diag = config.diag;
		build(builder, parser);
		result = builder->tree.has_failed ? -1 : 0;
	}
	fy_parser_destroy(parser);
	fy_diag_destroy(config.diag);
	free(builder->text);
	free(builder);
	return (result);
}

#else

int
yaml_parse(struct source *source, struct problems *problems)
{
	problems_add(problems, source->path, 0, 0, NULL,
	    "cannot be read: this muxproxy was built without libfyaml "
	    "(configure --with-fyaml)");
	return (-1);
}

#endif
