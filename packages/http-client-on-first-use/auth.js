// The credential handlers as they are: they import nothing.
export * from 'actions-http-client/lib/auth'
