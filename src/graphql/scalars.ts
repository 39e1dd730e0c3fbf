import { GraphQLDateTime, GraphQLJSONObject, GraphQLLocalDate, GraphQLURL } from 'graphql-scalars';

/** An instant; a Date in code. */
export const DateTime = GraphQLDateTime;
/** A calendar day, YYYY-MM-DD; a string in code. */
export const LocalDate = GraphQLLocalDate;
/** An absolute http or https address; a URL in inputs, a string in results. */
export const Url = GraphQLURL;
/** An object of any fields, as JSON has it. */
export const JsonObject = GraphQLJSONObject;
